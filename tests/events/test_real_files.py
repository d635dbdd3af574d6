"""The events file as offices really have it: damage is told, and what only looks like it is not."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from portal.core.sheets import BadSheet, read_text
from portal.events.importing_events.columns import COLUMNS
from portal.events.importing_events.importing import import_events
from portal.events.models import Event

pytestmark = pytest.mark.django_db
ROW = {
    "code": "T1",
    "title": "Über Bankruptcy: Zoë’s way",
    "kind": "training",
    "starts": "2027-03-31 09:30",
    "ends": "2027-03-31 16:30",
    "place": "Łódź Room",
    "overview": "Is it *for* you? Q&amp;A",
    "option": "Member",
    "price": "10",
    "audience": "member",
}


def run(*rows: dict[str, str]) -> None:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    sheet = read_text(file.getvalue(), COLUMNS, name="events.csv")
    import_events(sheet, actor="office", at=timezone.now())


def problems(*rows: dict[str, str]) -> list[str]:
    with pytest.raises(BadSheet) as told:
        run(*rows)
    return [str(problem).partition(":")[0] for problem in told.value.problems]


@pytest.mark.parametrize(
    "cells",
    [
        {"title": "BrontÃ« and debt"},
        {"title": "Q&amp;A"},
        {"place": "#REF!"},
        {"place": "Caf?s of Leeds"},
        {"place": "N/A"},
        {"cpd_category": "-"},
        {"price": "#VALUE!"},
        {"option": "Memb?r"},
    ],
    ids=str,
)
def test_damage_is_told(cells: dict[str, str]) -> None:
    assert problems(ROW | cells) == [f"line 2, {column}" for column in cells]
    assert not Event.objects.exists()


def test_dates_with_the_month_first_are_in_doubt() -> None:
    one = ROW | {"starts": "03/25/2027 09:30", "ends": "03/25/2027 16:30"}
    two = ROW | {"code": "T2", "starts": "04/05/2027 09:30", "ends": "04/05/2027 16:30"}
    assert problems(one, two) == [
        "line 2, ends",
        "line 2, starts",
        "line 3, ends",
        "line 3, starts",
    ]


@pytest.mark.parametrize("words", ["UBER bankruptcy", "über", "ÜBER ZOE'S", "lodz room", "Łódź"])
def test_an_event_is_found_whatever_the_accents(client, words: str) -> None:  # type: ignore[no-untyped-def]
    run(ROW, ROW | {"code": "T2", "title": "Another", "place": ""})
    page = client.get("/training-and-events/", {"q": words}).content.decode()
    assert (ROW["title"] in page, "Another" in page) == (True, False)
