"""Importing again: what changed is written, what a member said in the portal stays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.dates import LONDON
from portal.core.models import HistoryEntry
from portal.membership.models import ImportedPerson, Membership, MembershipTerm
from portal.organisations.affiliations import current_affiliation
from portal.organisations.models import Affiliation, Organisation
from portal.people.consents import latest_consents
from portal.people.models import ConsentEvent, Person, Purpose
from tests import factories
from tests.membership.people_files import AT, CUSTOMER, LATER, MEMBER, counts, problems, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
DAY_LATER = date(2026, 12, 24)


@pytest.fixture
def mary(lists: None) -> Person:
    """Mary as imported."""
    run(MEMBER)
    return Person.objects.get()


def again(**cells: str) -> Any:
    """Import Mary's row a month later, with these cells changed."""
    return run(MEMBER | cells, at=LATER)


def refusals(**cells: str) -> list[str]:
    return problems(MEMBER | cells, at=LATER)


def terms(person: Person) -> list[tuple[str, str, str]]:
    found = MembershipTerm.objects.filter(membership__person=person).order_by("start")
    return [(str(term.category), str(term.start), str(term.end)) for term in found]


def writes(context: CaptureQueriesContext) -> list[str]:
    words = ("INSERT", "UPDATE", "DELETE", "COPY")
    return [q["sql"] for q in context if q["sql"].lstrip().upper().startswith(words)]


# --- Nothing changed -------------------------------------------------------------------------
def test_the_same_file_again_writes_no_row() -> None:
    rows = [CUSTOMER, MEMBER]
    run(*rows)
    with CaptureQueriesContext(connection) as context:
        assert counts(run(*rows, at=LATER)) == (0, 0, 2)
    assert writes(context) == []
    assert HistoryEntry.objects.count() == 2


def test_the_same_written_otherwise_is_no_change(mary: Person) -> None:
    otherwise = {
        "email": "MARY@example.org",
        "postcode": "ls14ap",
        "country": "United Kingdom",
        "renewal_date": "01/04/2027",
        "phone": "+44 113 496 0101",
        "category": "accredited",
    }
    assert counts(again(**otherwise)) == (0, 0, 1)


def test_verified_on_an_unchanged_file(mary: Person) -> None:
    assert counts(run(MEMBER, at=LATER, verified=True)) == (0, 0, 1)
    work = mary.affiliations.get()
    assert (work.verified_at, work.verified_by) == (LATER, "office")
    run(MEMBER, verified=True)
    work.refresh_from_db()
    assert work.verified_at == LATER


def test_verified_vouches_only_for_what_the_file_says(mary: Person) -> None:
    mary.affiliations.update(organisation=factories.organisation("Elsewhere"))
    run(MEMBER, at=LATER, verified=True)
    assert mary.affiliations.get().verified_at is None


def test_another_type_for_a_known_organisation_is_told_and_not_taken(mary: Person) -> None:
    place = {"organisation": "moss advice", "organisation_type": "Local authority"}
    outcome = run(CUSTOMER | place, at=LATER)
    assert counts(outcome) == (1, 0, 0)
    assert outcome.notes == [
        "line 2, Carl Cole: Moss Advice stays “Law centre”, as the office has it, and has not "
        "become “Local authority”. If the list is right, change it in the office under "
        "Organisations"
    ]
    assert Organisation.objects.get().type.name == "Law centre"


def test_a_long_file_beside_a_short_and_a_long_list_of_people(mary: Person) -> None:
    """More rows than one query asks for: the tables are smaller than the file, then larger."""
    others = [
        MEMBER | {"membership_number": f"N{n}", "email": f"n{n}@example.org"} for n in range(1000)
    ]
    assert counts(run(MEMBER, *others, at=LATER)) == (1000, 0, 1)
    half = [row | {"title": "Dr"} for row in others[:950]]
    assert counts(run(*half, at=LATER)) == (0, 950, 0)
    assert Person.objects.filter(title="Dr").count() == 950
    assert counts(run(MEMBER, *half, *others[950:], at=LATER)) == (0, 0, 1001)


# --- Cells that changed ----------------------------------------------------------------------
def test_a_changed_row_updates_that_person(mary: Person) -> None:
    outcome = again(last_name="Moss-Hill", phone="", mobile="07700 900202", certmap_date="")
    assert counts(outcome) == (0, 1, 0)
    mary.refresh_from_db()
    assert mary.full_name == "Mary Moss-Hill"
    assert [(p.kind, str(p.number)) for p in mary.phones.all()] == [("mobile", "+447700900202")]
    assert mary.qualifications.count() == 0
    entry = HistoryEntry.objects.get(act="changed by import")
    assert entry.detail == {
        "file": "people.csv",
        "line": 2,
        "columns": ["last_name", "phone", "mobile", "certmap_date"],
    }


def test_what_the_member_changed_in_the_portal_stays(mary: Person) -> None:
    mary.purchase_order_number = "PO-mine"
    mary.first_name = "Marie"
    mary.save()
    mary.phones.filter(kind="phone").update(number="+441134960555")
    again(title="Dr")
    mary.refresh_from_db()
    assert (mary.formal_name, mary.purchase_order_number) == ("Dr Marie Moss", "PO-mine")
    assert str(mary.phones.get(kind="phone").number) == "+441134960555"


def test_a_number_given_later_stays_with_the_person_of_the_address() -> None:
    run(CUSTOMER)
    carl = Person.objects.get()
    Person.objects.update(email="changed.in@portal.example.org")
    joined = MEMBER | CUSTOMER
    assert counts(run(joined, at=LATER)) == (0, 1, 0)
    assert Person.objects.get() == carl
    assert carl.membership.number == "M1"
    assert ImportedPerson.objects.get().key == "m1"
    assert counts(run(joined, at=LATER)) == (0, 0, 1)


# --- The address -----------------------------------------------------------------------------
def test_a_corrected_line_leaves_the_others_as_they_are(mary: Person) -> None:
    mary.addresses.update(line_2="Flat 9", is_shipping=False)
    again(address_line_1="1a High Street")
    address = mary.addresses.get()
    assert str(address) == "1a High Street, Flat 9, Leeds, LS1 4AP"
    assert address.uses == ["Mailing", "Billing"]


def test_another_postcode_is_a_move(mary: Person) -> None:
    mary.addresses.update(line_2="Flat 9")
    again(address_line_1="2 Low Road", town="York", postcode="yo1 9qq")
    assert str(mary.addresses.get()) == "2 Low Road, York, YO1 9QQ"


def test_who_moved_in_the_portal_keeps_that_address(mary: Person) -> None:
    mary.addresses.update(line_1="9 New Road", town="Hull", postcode="HU1 1AA")
    outcome = again(address_line_1="1a High Street")
    assert str(mary.addresses.get()) == "9 New Road, Hull, HU1 1AA"
    assert outcome.notes == [
        "line 2, Mary Moss: they have changed their address in the portal since the last "
        "import, so it stays as they entered it"
    ]


def test_an_emptied_address_goes_unless_it_is_another_now(mary: Person) -> None:
    empty = {"address_line_1": "", "town": "", "postcode": ""}
    again(**empty)
    assert mary.addresses.count() == 0
    again()
    mary.addresses.update(postcode="HU1 1AA")
    again(**empty)
    assert mary.addresses.get().postcode == "HU1 1AA"


# --- The email address -----------------------------------------------------------------------
def test_the_address_of_somebody_without_an_account_follows_the_file(mary: Person) -> None:
    again(email="new@example.org")
    mary.refresh_from_db()
    assert mary.email == "new@example.org"


def test_the_sign_in_of_somebody_with_an_account_stays(mary: Person) -> None:
    mary.user = factories.account("mary@example.org")
    mary.save()
    outcome = again(email="new@example.org", title="Dr")
    mary.refresh_from_db()
    assert (mary.email, mary.user.email, mary.title) == ("mary@example.org",) * 2 + ("Dr",)
    assert outcome.notes == [
        "line 2, Mary Moss: the email address stays mary@example.org, because they sign in "
        "with it. They can change it in the portal"
    ]
    assert again(email="new@example.org", title="Dr").notes == []


def test_an_address_that_is_somebody_elses_is_refused(mary: Person, charlie: Person) -> None:
    assert refusals(email="charlie@example.org") == [
        "line 2, email: This email address belongs to another person in the portal"
    ]


def test_two_people_may_pass_an_address_on_in_one_file(mary: Person) -> None:
    other = MEMBER | {"membership_number": "M2", "first_name": "Max", "email": "max@example.org"}
    run(MEMBER, other, at=LATER)
    run(MEMBER | {"email": "m@example.org"}, other | {"email": "mary@example.org"}, at=LATER)
    assert set(Person.objects.values_list("first_name", "email")) == {
        ("Mary", "m@example.org"),
        ("Max", "mary@example.org"),
    }


# --- Terms -----------------------------------------------------------------------------------
NOW = ("Accredited", "2019-04-01", "2027-03-31")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"renewal_date": "2028-04-01"}, [NOW, ("Accredited", "2027-04-01", "2028-03-31")]),
        (
            {"renewal_date": "2028-04-01", "category": "Associate"},
            [NOW, ("Associate", "2027-04-01", "2028-03-31")],
        ),
        ({"renewal_date": "2029-09-01"}, [NOW, ("Accredited", "2027-04-01", "2029-08-31")]),
        ({"renewal_date": "2027-06-01"}, [NOW, ("Accredited", "2027-04-01", "2027-05-31")]),
        ({"renewal_date": "2027-01-01"}, [("Accredited", "2019-04-01", "2026-12-31")]),
        ({"renewal_date": "2026-04-01"}, [("Accredited", "2019-04-01", "2026-03-31")]),
        ({"category": "Associate"}, [("Associate", "2019-04-01", "2027-03-31")]),
        ({"member_since": "2018-04-01"}, [("Accredited", "2018-04-01", "2027-03-31")]),
    ],
    ids=[
        "renewed",
        "renewed in another category",
        "paid for years at once",
        "extended",
        "shortened",
        "a year too many",
        "category corrected",
        "only the first day",
    ],
)
def test_what_dates_and_category_say(
    mary: Person, cells: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    again(**cells)
    assert terms(mary) == expected
    assert counts(again(**cells)) == (0, 0, 1)


def test_a_term_is_not_taken_away(mary: Person) -> None:
    again(renewal_date="2028-04-01")
    assert refusals(renewal_date="2027-04-01") == [
        "line 2, renewal_date: Renewal date 2027-04-01 would leave nothing of the last term, "
        "which began on 2027-04-01. Correct the terms in the office under Memberships"
    ]


def test_a_renewal_in_the_portal_is_not_undone_by_an_unchanged_cell(mary: Person) -> None:
    MembershipTerm.objects.create(
        membership=mary.membership,
        category=factories.category("Associate"),
        start=date(2027, 4, 1),
        end=date(2028, 3, 31),
    )
    again(title="Dr")
    assert len(terms(mary)) == 2
    again(title="Dr", renewal_date="2028-04-01")
    assert terms(mary) == [NOW, ("Associate", "2027-04-01", "2028-03-31")]


def test_an_empty_category_does_not_end_a_membership(mary: Person) -> None:
    assert refusals(category="", member_since="", renewal_date="") == [
        "line 2, category: An empty category does not end a membership. To end it, keep the "
        "category and enter the day after its last day as renewal_date"
    ]


def test_a_number_that_changed_hands_is_refused(mary: Person, charlie: Person) -> None:
    Membership.objects.filter(person=mary).update(number="M2")
    factories.membership(charlie, number="M1")
    assert refusals(title="Dr") == [
        "line 2, email: Membership number M1 was imported for one person and now belongs to "
        "another. Correct it in the office under Memberships"
    ]


def test_two_rows_of_one_person_are_refused(mary: Person) -> None:
    told = problems(MEMBER | {"email": ""}, CUSTOMER | {"email": "mary@example.org"}, at=LATER)
    assert told == ["line 3, email: Line 2 is the same person. Keep one of the two rows"]


# --- Consents --------------------------------------------------------------------------------
def withdraw_the_bulletin(person: Person, at: datetime) -> None:
    ConsentEvent.objects.create(
        person=person,
        purpose=Purpose.BULLETIN,
        granted=False,
        wording="Send me the Bulletin",
        at=at,
        source="Preferences and security",
        actor_label=person.full_name,
    )


def test_a_consent_withdrawn_is_never_given_again(mary: Person) -> None:
    withdraw_the_bulletin(mary, AT.replace(hour=12))
    again(bulletin="no")
    outcome = again(bulletin="yes")
    assert not latest_consents([mary.pk])[mary.pk, Purpose.BULLETIN].granted
    assert mary.consents.count() == 2
    assert outcome.notes == [
        "line 2, Mary Moss: Bulletin was withdrawn on 23/11/2026 and stays so. Only "
        "they can agree to it again, in the portal"
    ]


def test_a_consent_withdrawn_after_midnight_was_withdrawn_on_that_day() -> None:
    """In summer the day in London begins an hour before that of the database's clock."""
    run(MEMBER | {"bulletin": ""}, at=datetime(2026, 6, 1, 10, tzinfo=LONDON))
    withdraw_the_bulletin(Person.objects.get(), datetime(2026, 7, 1, 0, 30, tzinfo=LONDON))
    (note,) = again(bulletin="yes").notes
    assert "Bulletin was withdrawn on 01/07/2026 and stays so. " in note


def test_a_consent_can_be_given_and_taken_back_by_the_file(mary: Person) -> None:
    again(share_with_employer="yes", bulletin="no")
    latest = latest_consents([mary.pk])
    assert latest[mary.pk, Purpose.SHARE_WITH_EMPLOYER].granted
    assert not latest[mary.pk, Purpose.BULLETIN].granted
    again(share_with_employer="yes", bulletin="")
    assert latest_consents([mary.pk]) == latest


# --- Affiliations ----------------------------------------------------------------------------
def test_another_employer_ends_one_affiliation_and_begins_another(mary: Person) -> None:
    run(MEMBER, verified=True)
    again(organisation="Hill Advice", organisation_type="Local authority")
    before, after = Affiliation.objects.order_by("start")
    assert (str(before.organisation), before.start, before.end) == (
        "Moss Advice",
        date(2026, 11, 23),
        date(2026, 12, 23),
    )
    assert (before.is_verified, after.is_verified) == (True, False)
    assert (str(after.organisation), after.start, after.end) == ("Hill Advice", DAY_LATER, None)
    assert current_affiliation(mary, DAY_LATER) == after


def test_another_role_is_the_same_affiliation_still_verified(mary: Person) -> None:
    run(MEMBER, verified=True)
    again(role_type="Supervisor")
    work = mary.affiliations.get()
    assert (str(work.role_type), work.is_verified) == ("Supervisor", True)


def test_an_employer_corrected_on_the_same_day_replaces_the_first(mary: Person) -> None:
    run(MEMBER, verified=True)
    run(MEMBER | {"organisation": "Hill Advice"})
    work = mary.affiliations.get()
    assert (str(work.organisation), work.is_verified) == ("Hill Advice", False)


def test_leaving_ends_the_affiliation(mary: Person) -> None:
    again(organisation="", organisation_type="", role_type="")
    assert mary.affiliations.get().end == date(2026, 12, 23)
    assert current_affiliation(mary, DAY_LATER) is None


def test_a_changed_role_goes_to_the_employer_of_the_portal(mary: Person) -> None:
    elsewhere = factories.organisation("Elsewhere")
    mary.affiliations.update(organisation=elsewhere)
    again(role_type="Supervisor")
    work = mary.affiliations.get()
    assert (work.organisation, str(work.role_type)) == (elsewhere, "Supervisor")


def test_the_type_of_an_organisation_follows_the_file_once_it_says_so(mary: Person) -> None:
    again(organisation_type="Local authority")
    assert str(Organisation.objects.get().type) == "Local authority"
    Organisation.objects.update(type=None)
    again(organisation_type="Local authority", title="Dr")
    assert Organisation.objects.get().type is None
