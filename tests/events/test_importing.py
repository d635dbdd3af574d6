"""Importing training and events: what rows become, what cannot be changed, and the sentences."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.dates import LONDON
from portal.core.models import HistoryEntry
from portal.core.money import Money
from portal.core.sheets import BadSheet, Outcome, read_sheet, read_text
from portal.events.importing_events.columns import COLUMNS
from portal.events.importing_events.importing import import_events
from portal.events.models import Event, EventTax, Hold, Order, RegistrationOption
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 10, tzinfo=LONDON)
LATER = datetime(2026, 12, 24, 10, tzinfo=LONDON)

COURSE = {
    "code": "dro-2027-03",
    "title": "Debt relief orders",
    "kind": "training",
    "starts": "2027-03-31 09:30",
    "ends": "31/03/2027 16:30",
    "place": "Carriageworks, Leeds",
    "online_link": "https://meet.example.org/dro",
    "overview": "## Who may have one\n\n- someone, with “few” means",
    "funding_link": "https://example.org/funding",
    "terms": "Bring a **laptop**.",
    "cpd_category": "Training",
    "cpd_points": "6",
    "option": "Member",
    "price": "£130",
    "audience": "member",
    "places": "12",
}
OTHERS = {"code": "dro-2027-03", "option": "Anyone else", "price": "190.50", "audience": "anyone"}
WEBINAR = {
    "code": "budgets",
    "title": "Budgets",
    "kind": "webinar",
    "starts": "2027-02-01 13:00",
    "ends": "2027-02-01 14:00",
    "option": "Place",
    "price": "0",
    "audience": "anyone",
}


def csv_text(*rows: dict[str, str]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def run(*rows: dict[str, str], at: datetime = AT, **options: Any) -> Outcome:
    sheet = read_text(csv_text(*rows), COLUMNS, name="events.csv")
    return import_events(sheet, actor="office", at=at, **options)


def problems(*rows: dict[str, str]) -> list[str]:
    try:
        run(*rows, at=LATER, dry_run=True)
    except BadSheet as error:
        return [str(problem) for problem in error.problems]
    return []


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.added, outcome.changed, outcome.unchanged


def options(code: str = "dro-2027-03") -> list[tuple[str, Money, str, int | None]]:
    return list(
        RegistrationOption.objects.filter(event__code=code).values_list(
            "name", "price", "audience", "places"
        )
    )


def option(name: str = "Member") -> RegistrationOption:
    return RegistrationOption.objects.select_related("event").get(name=name)


@pytest.fixture
def mary() -> Person:
    """A member on all the days of these tests."""
    person = factories.person("Mary", "Moss")
    factories.membership(person, start=date(2026, 4, 1), end=date(2027, 3, 31))
    return person


@pytest.fixture
def booked(mary: Person) -> Person:
    """Mary has booked the course as imported."""
    run(COURSE, OTHERS)
    factories.order(mary, option(), at=AT)
    return mary


# --- What rows become ------------------------------------------------------------------------
def test_an_event_with_its_options() -> None:
    assert counts(run(COURSE, OTHERS, WEBINAR)) == (2, 0, 0)
    course = Event.objects.get(code="dro-2027-03")
    assert course.starts == datetime(2027, 3, 31, 9, 30, tzinfo=LONDON)
    assert course.ends == datetime(2027, 3, 31, 16, 30, tzinfo=LONDON)
    assert (course.title, course.kind, course.place) == (
        "Debt relief orders",
        "training",
        "Carriageworks, Leeds",
    )
    assert course.overview == COURSE["overview"]
    assert course.cpd_points == Decimal(6)
    assert options() == [
        ("Member", Money(13000), "member", 12),
        ("Anyone else", Money(19050), "anyone", None),
    ]
    webinar = Event.objects.get(code="budgets")
    assert (webinar.is_online, webinar.cpd_points, webinar.terms) == (True, None, "")
    assert options("budgets") == [("Place", Money(0), "anyone", None)]


def test_summer_time_is_london_time() -> None:
    run(WEBINAR | {"starts": "2027-07-01 13:00", "ends": "2027-07-01 14:00"})
    assert Event.objects.get().starts.isoformat() == "2027-07-01T12:00:00+00:00"


def test_a_time_that_autumn_repeats_is_no_change_the_second_time() -> None:
    night = COURSE | {"starts": "2027-10-31 01:30", "ends": "2027-10-31 04:30"}
    run(night)

    assert run(night, at=LATER).unchanged == 1


def test_what_registering_still_lacks_is_noted() -> None:
    EventTax.objects.all().delete()

    assert run(COURSE).notes == [
        "Registration is not open yet. There is no tax for “Training course” on 23 November "
        "2026. Enter it in the office, under Events, Event taxes."
    ]


def test_the_event_may_be_repeated_in_each_row_or_not() -> None:
    run(COURSE, COURSE | OTHERS)
    assert len(options()) == 2
    assert problems(COURSE, OTHERS | {"title": "Another", "place": "Leeds"}) == [
        "line 5, place: This differs from line 2, the first line of event dro-2027-03. Make "
        "them the same, or leave this one empty",
        "line 5, title: This differs from line 2, the first line of event dro-2027-03. Make "
        "them the same, or leave this one empty",
    ]


# --- Again -----------------------------------------------------------------------------------
def test_the_same_file_again_writes_no_row() -> None:
    run(COURSE, OTHERS, WEBINAR)
    with CaptureQueriesContext(connection) as context:
        assert counts(run(COURSE, OTHERS, WEBINAR, at=LATER)) == (0, 0, 2)
    sql = [query["sql"].lstrip().upper() for query in context]
    assert [line for line in sql if line.startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert set(HistoryEntry.objects.values_list("act", flat=True)) == {"imported"}


def test_a_second_import_updates() -> None:
    run(COURSE, OTHERS, WEBINAR)
    changed = COURSE | {
        "code": "DRO-2027-03",
        "starts": "2027-04-01 09:30",
        "ends": "2027-04-01 16:30",
        "cpd_points": "",
        "price": "140",
        "places": "",
    }
    added = {"code": "dro-2027-03", "option": "Funded", "price": "0", "audience": "funded"}
    assert counts(run(changed, added, at=LATER)) == (0, 1, 0)
    course = Event.objects.get(code="dro-2027-03")
    assert course.starts == datetime(2027, 4, 1, 9, 30, tzinfo=LONDON)
    assert course.cpd_points is None
    assert options() == [
        ("Member", Money(14000), "member", None),
        ("Funded", Money(0), "funded", None),
    ]
    assert Event.objects.count() == 2


def test_calendars_learn_of_what_they_show() -> None:
    run(COURSE, WEBINAR)
    run(COURSE | {"cpd_points": "3"}, WEBINAR, at=LATER)
    assert Event.objects.get(code="dro-2027-03").revision == 0
    run(COURSE | {"place": "York"}, WEBINAR, at=LATER)
    assert Event.objects.get(code="dro-2027-03").revision == 1
    assert Event.objects.get(code="budgets").revision == 0


def test_a_dry_run_writes_nothing() -> None:
    outcome = run(COURSE, OTHERS, dry_run=True)
    assert (counts(outcome), outcome.was_dry_run, Event.objects.count()) == ((1, 0, 0), True, 0)


# --- Once somebody has booked ----------------------------------------------------------------
WHEN_BOOKED = "once somebody has booked or is booking a place"


def test_dates_kind_and_price_stay_once_booked(booked: Person) -> None:
    changed = COURSE | {
        "starts": "2027-03-31 10:00",
        "ends": "2027-03-31 17:00",
        "kind": "webinar",
        "price": "150",
    }
    assert problems(changed, OTHERS) == [
        f"line 2, ends: The end cannot be changed {WHEN_BOOKED}",
        f"line 2, kind: The kind decides the VAT, so it cannot be changed {WHEN_BOOKED}",
        f"line 2, price: The price is £130.00 and cannot be changed {WHEN_BOOKED}",
        f"line 2, starts: The start cannot be changed {WHEN_BOOKED}",
    ]


def test_what_nobody_relies_on_can_change(booked: Person) -> None:
    changed = COURSE | {"title": "DROs", "place": "York", "places": "1"}
    assert counts(run(changed, OTHERS | {"price": "200"}, at=LATER)) == (0, 1, 0)
    assert options() == [
        ("Member", Money(13000), "member", 1),
        ("Anyone else", Money(20000), "anyone", None),
    ]
    assert Order.objects.get().registrations.get().event.place == "York"


def test_places_taken_are_not_taken_away(booked: Person) -> None:
    assert problems(COURSE | {"places": "0"}, OTHERS) == [
        "line 2, places: Enter 1 or more places, because 1 is taken"
    ]


def test_a_booked_option_is_not_left_out(booked: Person) -> None:
    told = problems(COURSE | OTHERS)
    assert told == [
        "line 2, option: Option “Member” is missing, but it has 1 place in use. Put the "
        "option back. To offer no more places, give it 1 place"
    ]
    assert counts(run(COURSE, at=LATER)) == (0, 1, 0)
    assert [name for name, *_ in options()] == ["Member"]


def test_a_held_place_counts_until_it_expires(mary: Person) -> None:
    run(COURSE, OTHERS)
    factories.hold(mary, option(), at=LATER)
    assert problems(COURSE | {"price": "150"}, OTHERS) == [
        f"line 2, price: The price is £130.00 and cannot be changed {WHEN_BOOKED}"
    ]
    after = LATER.replace(hour=13)
    assert counts(run(COURSE | OTHERS, at=after)) == (0, 1, 0)
    assert (Hold.objects.count(), [name for name, *_ in options()]) == (0, ["Anyone else"])


# --- Sentences -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            {"code": ""},
            "code: Enter the code. It is part of the event’s address and cannot change later",
        ),
        (
            {"code": "a b"},
            "code: Code “a b” may contain only letters a to z, digits, hyphens and under",
        ),
        ({"title": ""}, "title: Enter the title"),
        ({"title": "x" * 161}, "title: Title must be 160 characters or less"),
        (
            {"kind": "course"},
            "kind: “course” is not a kind of event: write one of training, webinar",
        ),
        (
            {"starts": "2027-02-01"},
            "starts: “2027-02-01” is not a time: write it as 2027-03-31 09:30",
        ),
        (
            {"starts": "2027-02-30 10:00"},
            "starts: “2027-02-30” is not a date: write it as 2027-03-31",
        ),
        ({"starts": "2027-03-28 01:30"}, "starts: “2027-03-28 01:30” does not exist: the clocks"),
        ({"starts": "0027-02-01 13:00"}, "starts: The year 27 cannot be right. Check the date"),
        ({"ends": "2027-02-01 12:00"}, "ends: The event must end after it starts (2027-02-01 13:"),
        ({"ends": "2028-02-01 14:00"}, "ends: The event lasts longer than a month. Check"),
        (
            {"online_link": "javascript:alert(1)"},
            "online_link: “javascript:alert(1)” is not a link",
        ),
        (
            {"funding_link": "example.org"},
            "funding_link: “example.org” is not a link. A link st",
        ),
        ({"cpd_points": "six"}, "cpd_points: “six” is not a number of points: write it as in 6 or"),
        ({"cpd_points": "1.234"}, "cpd_points: “1.234” is not a number of points"),
        ({"cpd_points": "NaN"}, "cpd_points: “NaN” is not a number of points"),
        ({"option": ""}, "option: Enter the name of the registration option, such as Member"),
        ({"price": ""}, "price: Enter the net price in pounds, 0 where it is free"),
        ({"price": "12.345"}, "price: “12.345” is not an amount: write pounds as in 60 or 60.50"),
        ({"price": "-5"}, "price: “-5” is not an amount"),
        (
            {"audience": "members"},
            "audience: “members” is not an audience: write one of member, non-",
        ),
        ({"places": "-1"}, "places: “-1” is not a number of places: write a whole number, or leav"),
        ({"places": "12.5"}, "places: “12.5” is not a number of places"),
    ],
)
def test_a_wrong_cell_has_one_sentence(cells: dict[str, str], sentence: str) -> None:
    told = problems(COURSE, WEBINAR | cells)
    assert len(told) == 1
    assert told[0].startswith(f"line 5, {sentence}")


def test_an_option_stands_once() -> None:
    assert problems(COURSE, OTHERS | {"option": "member"}) == [
        "line 5, option: Option “member” is already in line 2. Give it another name"
    ]


def test_a_bad_row_of_a_booked_event_is_told_once(booked: Person) -> None:
    assert problems(COURSE | {"price": "much"}, OTHERS) == [
        "line 2, price: “much” is not an amount: write pounds as in 60 or 60.50"
    ]


# --- The command -----------------------------------------------------------------------------
def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"

    def portal(*options: str) -> tuple[int, str, str]:
        out, err = StringIO(), StringIO()
        try:
            call_command("import_events", str(file), *options, stdout=out, stderr=err)
        except SystemExit as end:
            return int(str(end.code)), out.getvalue(), err.getvalue()
        return 0, out.getvalue(), err.getvalue()

    file.write_text(csv_text(COURSE, OTHERS | {"price": ""}))
    status, out, err = portal()
    assert (status, out, Event.objects.count()) == (2, "", 0)
    assert "line 5, price: Enter the net price in pounds, 0 where it is free" in err
    assert (tmp_path / "events.problems.csv").exists()
    people = Path(__file__).parents[2] / "docs" / "samples" / "people.csv"
    file.write_text(people.read_text())
    assert portal() == (
        2,
        "",
        "This looks like a list of people. Use `portal import people`.\n",
    )
    file.write_text(csv_text(COURSE, OTHERS))
    said = "1 event: 1 added, 0 changed, 0 unchanged.\n"
    assert portal("--dry-run") == (0, said + "This was a dry run. Nothing was written.\n", "")
    assert (portal(), Event.objects.count()) == ((0, said, ""), 1)


def test_the_sample_of_the_documentation_is_good() -> None:
    sample = Path(__file__).parents[2] / "docs" / "samples" / "events.csv"
    assert counts(import_events(read_sheet(sample, COLUMNS), actor="office", at=AT)) == (2, 0, 0)


def test_a_refusal_quotes_the_cell_as_it_stands_in_the_file(alice: Person) -> None:
    """Not as the portal reads it: what was typed is found again with the editor's search."""
    run(COURSE)
    factories.order(alice, RegistrationOption.objects.get())

    with pytest.raises(BadSheet) as told:
        run({**COURSE, "starts": "30/03/2027 9:30", "price": "£131", "places": "0"})

    assert {p.column: p.value for p in told.value.problems} == {
        "starts": "30/03/2027 9:30",
        "price": "£131",
        "places": "0",
    }


def test_online_events_say_whose_time_it_is(client) -> None:
    run(WEBINAR)
    run(COURSE)

    listed = client.get("/training-and-events/").text
    page = client.get("/training-and-events/budgets/").text

    assert listed.count("(UK time)") == 1
    assert "1pm\u00a0to\u00a02pm (UK time)" in page
