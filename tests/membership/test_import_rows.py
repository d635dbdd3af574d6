"""The sentences for rows of the people file that are not right."""

from __future__ import annotations

import pytest

from tests.membership.people_files import CUSTOMER, MEMBER, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists"), pytest.mark.one_database]
STAFF_ADD = "Staff add to the list in the office under"


def test_good_rows_have_none() -> None:
    assert problems(CUSTOMER, MEMBER) == []


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"first_name": " ", "last_name": ""}, "last_name: Enter the name"),
        ({"first_name": "x" * 101}, "first_name: First name must be 100 characters or less"),
        ({"purchase_order": "x" * 41}, "purchase_order: Purchase order must be 40 characters or"),
        (
            {"email": "mary@"},
            "email: “mary@” is not an email address: write it as in name@example.org",
        ),
        ({"email": "mary@localhost"}, "email: “mary@localhost” is not an email address"),
        ({"membership_number": "a@x.org"}, "membership_number: A membership number cannot contain"),
        ({"membership_number": "9" * 21}, "membership_number: Membership number must be 20 char"),
        (
            {"renewal_date": "2027-02-30"},
            "renewal_date: “2027-02-30” is not a date: write it as 2027",
        ),
        (
            {"renewal_date": "31/11/2026"},
            "renewal_date: “31/11/2026” is not a date: write it as 2027",
        ),
        ({"renewal_date": "04/01/27"}, "renewal_date: “04/01/27” is not a date: write it as 2027"),
        ({"renewal_date": "2077-04-01"}, "renewal_date: Renewal date must be 2031-11-23 or earli"),
        ({"renewal_date": "2019-04-01"}, "renewal_date: Renewal date must be after member_since"),
        (
            {"renewal_date": ""},
            "renewal_date: Enter the renewal date, which is the day after the last day",
        ),
        ({"member_since": "1819-04-01"}, "member_since: Member since must be 1900-01-01 or later"),
        ({"certmap_date": "2027-01-01"}, "certmap_date: CertMAP date must be 2026-11-23 or earli"),
        ({"membership_number": ""}, "membership_number: Enter the membership number: each member"),
        (
            {"category": ""},
            "category: Enter the category, or leave member_since empty. There is no ",
        ),
        (
            {"category": "Acredited"},
            "category: “Acredited” is not on the list of membership "
            f"categories. Did you mean “Accredited”? {STAFF_ADD} Membership, Membership categories",
        ),
        (
            {"role_type": "Astronaut"},
            "role_type: “Astronaut” is not on the list of role types. "
            f"{STAFF_ADD} Organisations, Role types",
        ),
        (
            {"organisation_type": "Law centr"},
            "organisation_type: “Law centr” is not on the list "
            "of organisation types. Did you mean “Law centre”?",
        ),
        ({"bulletin": "perhaps"}, "bulletin: “perhaps” is neither yes nor no. Write yes, no, or"),
        (
            {"postcode": "LS1 4A"},
            "postcode: Enter a full UK postcode, such as LS1 4AP, or name "
            "the country if it is not in the UK",
        ),
        ({"postcode": ""}, "postcode: Enter the postcode"),
        ({"town": ""}, "town: Enter the town or city"),
        ({"address_line_1": ""}, "address_line_1: Enter the first line of the address"),
        (
            {"country": "Irland"},
            "country: “Irland” is not a country. Did you mean “Ireland”? Write",
        ),
        (
            {"phone": "0113"},
            "phone: “0113” is not a phone number: write it as 0113 496 0677 or, from",
        ),
        ({"phone": "ask reception"}, "phone: “ask reception” is not a phone number"),
        ({"phone": "4.41135E+11"}, "phone: The spreadsheet has turned this number into"),
        (
            {"mobile": "0113 496 0101 ext 5"},
            "mobile: “0113 496 0101 ext 5” has an extension (5), which the portal cannot keep. "
            "Leave it out",
        ),
    ],
)
def test_a_wrong_cell_has_one_sentence_that_says_what_to_do(
    cells: dict[str, str], sentence: str
) -> None:
    told = problems(CUSTOMER, MEMBER | cells)
    assert len(told) == 1
    assert told[0].startswith(f"line 3, {sentence}")


def test_a_row_must_tell_who_it_is() -> None:
    assert problems(CUSTOMER | {"email": ""}) == [
        "line 2, email: Enter a membership number or an email address, so that we know who this is"
    ]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    told = problems(
        {"last_name": "x" * 199, "email": "@", "town": "Leeds"}, CUSTOMER, {"title": "Dr"}
    )
    assert [line.split(": ")[0] for line in told] == [
        "line 2, address_line_1",
        "line 2, email",
        "line 2, last_name",
        "line 2, postcode",
        "line 4, email",
        "line 4, last_name",
    ]


def test_what_stands_twice_is_told_of_each() -> None:
    again = CUSTOMER | {"email": "CARL@example.org"}
    assert problems(CUSTOMER, again, MEMBER, MEMBER | {"email": "", "membership_number": "m1"}) == [
        "line 2, email: Email is also in line 3. Give each person their own",
        "line 3, email: Email is also in line 2. Give each person their own",
        "line 4, membership_number: Membership number is also in line 5. Give each person "
        "their own",
        "line 5, membership_number: Membership number is also in line 4. Give each person "
        "their own",
    ]


def test_an_organisation_has_one_type() -> None:
    other = CUSTOMER | {"organisation": "MOSS  advice", "organisation_type": "Local authority"}
    assert problems(MEMBER, other) == [
        "line 2, organisation_type: Moss Advice is “Local authority” in line 3. Give an "
        "organisation one type",
        "line 3, organisation_type: MOSS advice is “Law centre” in line 2. Give an organisation "
        "one type",
    ]
    assert problems(MEMBER, other | {"organisation_type": ""}) == []


@pytest.mark.parametrize(
    "cells",
    [
        {"postcode": "ls14ap"},
        {"postcode": " LS 14 AP "},
        {"country": "England"},
        {"country": "united kingdom"},
        {"country": "gbr"},
        {"country": "Ireland", "postcode": "D02 X285"},
        {"country": "HK", "postcode": ""},
        {"phone": "+353 1 234 5678", "mobile": "0044 7911 123456"},
        {"phone": "(0113) 496-0101", "mobile": "7911123456"},
        {"member_since": "01/04/2019", "renewal_date": "1/4/2027"},
        {"category": "ACCREDITED", "role_type": "money adviser"},
        {"organisation": "", "organisation_type": "Self-employed"},
        {"bulletin": "", "event_news": "No"},
        {"email": ""},
    ],
)
def test_what_people_write_is_understood(cells: dict[str, str]) -> None:
    assert problems(MEMBER | cells) == []


def test_without_lists_the_office_is_told_where_to_begin() -> None:
    from portal.membership.models import MembershipCategory

    MembershipCategory.objects.all().delete()
    assert problems(MEMBER) == [
        "line 2, category: There are no membership categories yet. Add “Accredited” in the office "
        "under Membership, Membership categories"
    ]


def test_what_stands_twice_is_told_beside_other_errors() -> None:
    """A row that is wrong in itself is not left out of what is compared."""
    assert problems(
        MEMBER | {"renewal_date": "soon"}, CUSTOMER | {"email": MEMBER["email"].upper()}
    ) == [
        "line 2, email: Email is also in line 3. Give each person their own",
        "line 2, renewal_date: “soon” is not a date: write it as 2027-03-31 or 31/03/2027",
        "line 3, email: Email is also in line 2. Give each person their own",
    ]
