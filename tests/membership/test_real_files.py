"""Files as offices really have them: what spreadsheets and years of editing do to a list."""

from __future__ import annotations

import pytest

from portal.core.models import HistoryEntry
from portal.core.sheets import BadSheet
from portal.membership.forgotten_username import answer_username_requests, ask_for_username
from portal.membership.models import Membership
from portal.organisations.models import Organisation
from portal.people.models import Person
from tests import factories
from tests.membership.people_files import AT, CUSTOMER, LATER, MEMBER, counts, problems, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists"), pytest.mark.one_database]

NEW = {
    "membership_number": "",
    "first_name": "Helen",
    "last_name": "Holder",
    "category": "Accredited",
    "renewal_date": "2027-06-01",
}


def member(number: str, first: str, last: str, **cells: str) -> dict[str, str]:
    return NEW | {"membership_number": number, "first_name": first, "last_name": last} | cells


def columns(*rows: dict[str, str]) -> list[str]:
    return [told.partition(":")[0] for told in problems(*rows)]


# --- Numbers ---------------------------------------------------------------------------------
def test_a_number_without_its_zeros_makes_nobody_somebody_else() -> None:
    run(member("777", "Helen", "Holder"), member("00777", "Otto", "Other"))
    zeros_lost = member("777", "Otto", "Other", last_name="Other", purchase_order="PO-9")
    assert problems(zeros_lost) == [
        "line 2, membership_number: Membership number 777 is Helen Holder’s in the portal. Correct "
        "the number; if it is the same person under a new name, import with --trust-numbers"
    ]
    assert set(Person.objects.values_list("first_name", "purchase_order_number")) == {
        ("Helen", ""),
        ("Otto", ""),
    }


@pytest.mark.parametrize("number", ["124", "0124", "000124"])
def test_a_new_number_that_is_a_known_one_but_for_zeros_is_asked_about(number: str) -> None:
    run(member("00124", "Ben", "Beta"))
    row = member(number, "Bea", "Bell")
    (told,) = problems(row)
    assert told.startswith(
        f"line 2, membership_number: No member has the number {number}, but one has 00124: did "
        "a spreadsheet change the leading zeros?"
    )
    assert counts(run(row, trust_numbers=True)) == (1, 0, 0)
    assert Membership.objects.count() == 2


def test_who_marries_keeps_the_number_and_who_changes_both_names_is_trusted() -> None:
    run(member("M5", "Ann", "Alpha"))
    assert counts(run(member("M5", "Ann", "Beta"))) == (0, 1, 0)
    assert counts(run(member("M5", "Annie", "Beta"))) == (0, 1, 0)
    with pytest.raises(BadSheet):
        run(member("M5", "Zed", "Zeta"))
    assert counts(run(member("M5", "Zed", "Zeta"), trust_numbers=True)) == (0, 1, 0)
    assert Person.objects.get().full_name == "Zed Zeta"


def test_a_name_that_the_member_changed_in_the_portal_is_no_other_person() -> None:
    run(member("M5", "Ann", "Alpha"))
    person = Person.objects.get()
    person.first_name, person.last_name = "Anna", "Omega"
    person.save()
    assert counts(run(member("M5", "Ann", "Alpha", title="Dr"))) == (0, 1, 0)


def test_numbers_that_a_spreadsheet_has_changed_are_told_in_each_column() -> None:
    damaged = {
        "membership_number": ["9.00123E+13", "2005.0", '="00125"', "'00126", "M–77"],
        "purchase_order": ["4.50012E+12", "4500.00", "PO—9"],
        "phone": ["4.41135E+11", "'01134960101"],
    }
    for column, cells in damaged.items():
        for cell in cells:
            assert columns(MEMBER | {column: cell}) == [f"line 2, {column}"]


def test_a_number_is_the_same_with_a_space_and_is_shown_as_the_file_has_it() -> None:
    run(member("MEM 0123", "Ann", "Alpha"))
    assert counts(run(member("mem0123", "Ann", "Alpha"), at=LATER)) == (0, 1, 0)
    assert Membership.objects.get().number == "mem0123"
    assert columns(member("M 1", "A", "B"), member("m1", "C", "D")) == [
        "line 2, membership_number",
        "line 3, membership_number",
    ]


# --- Letters and words -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "cells",
    [
        {"first_name": "ZoÃ«"},
        {"last_name": "WÃ³jcik"},
        {"town": "SÃ¨vres"},
        {"organisation": "CafÃ© Advice"},
        {"first_name": "?ukasz"},
        {"last_name": "I??k"},
        {"organisation": "Caf?s United"},
        {"town": "K?benhavn"},
        {"last_name": "O&#39;Brien"},
        {"organisation": "Smith &amp; Sons"},
        {"first_name": "#NAME?"},
        {"organisation": "#REF!"},
        {"country": "#N/A"},
        {"title": "N/A"},
        {"address_line_2": "N/A"},
        {"county": "#N/A"},
        {"organisation": "-"},
        {"purchase_order": "NULL"},
        {"purchase_order": "0"},
        {"phone": "none"},
        {"membership_number": "n/a"},
    ],
    ids=str,
)
def test_no_such_cell_is_kept(cells: dict[str, str]) -> None:
    assert columns(MEMBER | cells) == [f"line 2, {column}" for column in cells]


def test_null_and_none_are_names() -> None:
    assert problems(CUSTOMER | {"first_name": "Nil", "last_name": "Null"}) == []
    assert problems(CUSTOMER | {"last_name": "None"}) == []


def test_letters_are_composed_however_they_come() -> None:
    run(CUSTOMER | {"first_name": "Zoe\u0308", "last_name": "Bronte\u0308"})
    assert Person.objects.get().full_name == "Zo\u00eb Bront\u00eb"


def test_names_take_a_hundred_characters() -> None:
    long = " ".join(["Wolfeschlegelsteinhausenbergerdorff"] * 3)[:100]
    run(CUSTOMER | {"first_name": long, "last_name": long})
    assert Person.objects.get().full_name == f"{long} {long}"


@pytest.mark.parametrize("column", ["first_name", "last_name"])
def test_who_has_one_name_is_somebody(column: str) -> None:
    run(CUSTOMER | {"first_name": "", "last_name": ""} | {column: "Sukarno"})
    person = Person.objects.get()
    assert (person.full_name, person.informal_name) == ("Sukarno", "Sukarno")


# --- Countries and postcodes -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("England", "GB"), ("SCOTLAND", "GB"), ("Cymru", "GB"), ("N. Ireland", "GB"), ("NI", "GB"),
        ("GB-SCT", "GB"), ("U.K.", "GB"), ("The United Kingdom", "GB"), ("Great Britain", "GB"),
        ("Isle of Wight", "GB"), ("Isle of Man", "IM"), ("IOM", "IM"), ("Jersey", "JE"),
        ("Alderney", "GG"), ("guernsey", "GG"),
    ],
)  # fmt: skip
def test_the_nations_and_islands_are_known(written: str, code: str) -> None:
    run(MEMBER | {"country": written})
    assert Person.objects.get().addresses.get().country.code == code


def test_a_uk_postcode_is_in_no_other_country() -> None:
    assert problems(MEMBER | {"country": "Ireland"}) == [
        "line 2, country: LS1 4AP is a UK postcode. Leave the country empty, or enter the postcode "
        "of the address there"
    ]
    for country in ("France", "US", "Irland"):
        assert columns(MEMBER | {"country": country}) == ["line 2, country"]
    assert columns(MEMBER | {"country": "Channel Islands"}) == ["line 2, country"]
    assert problems(MEMBER | {"country": "Gibraltar", "postcode": "GX11 1AA"}) == []


# --- Dates -----------------------------------------------------------------------------------
def test_a_list_with_the_month_first_changes_nobodys_term() -> None:
    dates = ("03/25/2027", "04/05/2027", "06/07/2027", "12/01/2026")
    rows = [member(f"MD{n}", "Us", f"Date{n}", renewal_date=day) for n, day in enumerate(dates)]
    assert columns(*rows) == [f"line {n}, renewal_date" for n in (2, 3, 4, 5)]
    good = member("OK", "Good", "Date", renewal_date="2027-04-05")
    outcome = run(*rows, good, skip_bad=True)
    assert counts(outcome) == (1, 0, 0)
    assert Membership.objects.get().number == "OK"


# --- Organisations ---------------------------------------------------------------------------
def test_organisations_that_differ_in_dots_and_limited_only_are_one() -> None:
    names = ("J. Smith Ltd", "J Smith Limited", "j smith ltd.")
    rows = [
        CUSTOMER | {"email": f"p{n}@x.org", "organisation": name} for n, name in enumerate(names)
    ]
    outcome = run(*rows)
    assert Organisation.objects.get().name == "J. Smith Ltd"
    assert outcome.notes == []


def test_near_ones_are_named_for_the_office_to_decide() -> None:
    factories.organisation("Fern Advice")
    names = ("Fern Advice Ltd", "The Fern Advice", "Moor Debt Centre", "Moor Debt Centr", "Other")
    rows = [
        CUSTOMER | {"email": f"p{n}@x.org", "organisation": name} for n, name in enumerate(names)
    ]
    told = [note.partition(": ")[2] for note in run(*rows).notes]
    same = "If they are the same, use one name in your list"
    assert told == [
        "“Fern Advice Ltd” was added as a new organisation, although there is also “Fern "
        f"Advice”. {same}",
        "“The Fern Advice” was added as a new organisation, although there is also “Fern "
        f"Advice”. {same}",
        "“Moor Debt Centr” was added as a new organisation, although there is also “Moor Debt "
        f"Centre”. {same}",
    ]
    assert run(*rows, at=LATER).notes == []


# --- Who has forgotten their username --------------------------------------------------------
ON_FILE = [
    (
        member("MEM 0123", "Space", "Innumber", address_line_1="1 High St", town="Leeds",
               postcode="LS1 4AP", email="f0@x.org"),
        [{"number": "mem0123"}, {"number": "MEM  0123"}, {"number": "Mem 01 23"}],
    ),
    (
        member("F1", "Aoife", "Byrne", address_line_1="1 Main St", town="Dublin",
               postcode="D02 X285", country="Ireland", email="f1@x.org"),
        [{"first_name": "aoife", "last_name": "BYRNE", "postcode": p} for p in
         ("D02X285", "d02 x285", "D02 X2 85")],
    ),
    (
        member("F3", "Seán", "O'Brien", address_line_1="1 High St", town="Leeds",
               postcode="LS1 4AP", email="f3@x.org"),
        [{"first_name": f, "last_name": n, "postcode": "ls14ap"} for f, n in
         (("SEÁN", "O’BRIEN"), ("Sean", "O'Brien"), ("Sea\u0301n", "o`brien"))],
    ),
    (
        member("F6", "Łukasz", "Żak", address_line_1="1 High St", town="Leeds",
               postcode="LS1 4AP", email="f6@x.org"),
        [{"first_name": f, "last_name": n, "postcode": "LS1 4AP"} for f, n in
         (("Lukasz", "Zak"), ("ŁUKASZ", "ŻAK"), ("łukasz", "z\u0307ak"))],
    ),
    (
        member("F7", "Anne-Marie", "Smith", address_line_1="1 High St", town="Leeds",
               postcode="LS1 4AP", email="f7@x.org"),
        [{"first_name": f, "last_name": "smith", "postcode": "LS14AP"} for f in
         ("Anne–Marie", "ANNE‑MARIE", "anne—marie")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "asked"), ON_FILE, ids=lambda x: str(x)[:30])
def test_it_is_found_as_people_type_it(
    row: dict[str, str], asked: list[dict[str, str]], mailoutbox: object
) -> None:
    run(row)
    person = Person.objects.get()
    for typed in asked:
        ask_for_username(**typed, at=AT)
        assert answer_username_requests(at=AT) == 1
    invited = HistoryEntry.objects.filter(act="invited").count()
    assert invited == len(asked), person
