"""Sessions, options and pools of the events file are known by their form for comparing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from portal.core.sheets import BadSheet
from portal.events.models import Event, Pool, RegistrationOption, Session
from portal.people.models import Person
from tests.events.acts import order
from tests.events.test_attending import AT, CONFERENCE, ONE_DAY, bring

pytestmark = pytest.mark.django_db
CHOSEN = {**ONE_DAY, "choose": "1"}
FIRST_TWO = {**ONE_DAY, "option": "First two", "covers": "Day 1; Day 2"}


@pytest.fixture(autouse=True)
def then(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(AT, tick=False)


def covered() -> list[str]:
    option = RegistrationOption.objects.get(name__iexact="First two")
    return [session.name for session in option.sessions.all()]


def respelt(row: dict[str, str], before: str, after: str) -> dict[str, str]:
    return {name: cell.replace(before, after) for name, cell in row.items()}


@pytest.mark.parametrize("after", ["DAY", "Dåy", "day"])
def test_a_session_written_otherwise_is_the_same(after: str) -> None:
    bring(CONFERENCE, CHOSEN, FIRST_TWO)
    keys = set(Session.objects.values_list("pk", flat=True))
    rows = [respelt(row, "Day", after) for row in (CONFERENCE, CHOSEN, FIRST_TWO)]

    bring(*rows)

    assert covered() == [f"{after} 1", f"{after} 2"]
    assert set(Session.objects.values_list("pk", flat=True)) == keys
    assert bring(*rows).unchanged == 1


def test_what_is_covered_by_sessions_of_other_names(alice: Person) -> None:
    bring(CONFERENCE, CHOSEN, FIRST_TWO)

    bring(*(respelt(row, "Day", "Tag") for row in (CONFERENCE, CHOSEN, FIRST_TWO)))

    assert covered() == ["Tag 1", "Tag 2"]


def test_capitals_of_a_booked_session_may_be_mended(alice: Person) -> None:
    bring(CONFERENCE, CHOSEN, FIRST_TWO)
    order(RegistrationOption.objects.get(name="First two"), by=alice, at=AT)

    bring(*(respelt(row, "Day", "DAY") for row in (CONFERENCE, CHOSEN, FIRST_TWO)))

    assert covered() == ["DAY 1", "DAY 2"]


@pytest.fixture
def cafe(alice: Person, bob: Person) -> list[dict[str, str]]:
    """Two options that share two places, both taken."""
    rows = [{**CONFERENCE, "option": "A"}, {**CHOSEN, "choose": "", "option": "B"}]
    bring(*({**row, "pool": "Café: 2"} for row in rows))
    for option, person in zip(Event.objects.get().options.all(), (alice, bob), strict=True):
        order(option, by=person, at=AT)
    return rows


def refused(*rows: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(BadSheet) as caught:
        bring(*rows)
    return [(problem.column, problem.sentence) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ("Café: 5", "Cafe: 1", "“Cafe” has 5 places in line 2. Make them the same"),
        ("CAFE: 1", "Café: 1", "Enter 2 or more places, because 2 are taken"),
        ("cafe: 1", "cafe: 1", "Enter 2 or more places, because 2 are taken"),
    ],
)
def test_a_pool_keeps_the_places_that_are_taken_however_it_is_written(
    cafe: list[dict[str, str]], one: str, other: str, sentence: str
) -> None:
    first, second = cafe

    assert refused({**first, "pool": one}, {**second, "pool": other}) == [("pool", sentence)]
    assert list(Pool.objects.values_list("name", "places")) == [("Café", 2)]


def test_an_option_written_otherwise_is_the_same(cafe: list[dict[str, str]]) -> None:
    keys = set(RegistrationOption.objects.values_list("pk", flat=True))

    bring(*({**row, "option": row["option"].lower(), "pool": "Café: 2"} for row in cafe))

    assert {option.pk: option.name for option in RegistrationOption.objects.all()} == dict(
        zip(sorted(keys), ("a", "b"), strict=True)
    )


@pytest.mark.parametrize(
    ("model", "more", "what"),
    [
        (Pool, {"places": 3}, "pools"),
        (RegistrationOption, {"price": 0, "audience": "anyone"}, "options"),
        (Session, {"starts": AT, "ends": AT + timedelta(hours=1)}, "sessions"),
    ],
)
def test_names_that_the_file_cannot_tell_apart_are_told(
    model: Any, more: dict[str, Any], what: str
) -> None:
    row = {**CONFERENCE, "pool": "Room: 20"}
    bring(row)
    event = Event.objects.get()
    for name in ("Café", "CAFE"):
        model.objects.create(event=event, name=name, **more)

    ((column, sentence),) = refused(row)

    assert column == "code"
    assert f"Its {what} “" in sentence
    assert "differ only in capitals or accents. Rename one in the office" in sentence
