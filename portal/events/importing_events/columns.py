"""The columns of the events file, and how each of their cells is read.

A reader takes a cell without outer spaces. It raises ValueError with the sentence for the report.
Times are London times, prices are net pounds, empty places are unlimited.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from portal.core.dates import read_time
from portal.core.money import Money
from portal.core.sheets.cells import at_most, one_line, one_of
from portal.core.sheets.damage import guarded, says_something, sound, whole_words
from portal.events.importing_events.sessions import (
    read_names,
    read_number,
    read_pool,
    read_sessions,
)
from portal.events.models import Audience, Kind

EVENT_COLUMNS = (
    "title",
    "kind",
    "starts",
    "ends",
    "place",
    "online_link",
    "overview",
    "funding_link",
    "terms",
    "cpd_category",
    "cpd_points",
)
# One cell for all sessions, which are rows of their own in the office.
SESSIONS = "sessions"
CELLS = (*EVENT_COLUMNS, SESSIONS)
OPTION_COLUMNS = ("option", "price", "audience", "places", "covers", "choose", "pool")
COLUMNS = ("code", *CELLS, *OPTION_COLUMNS)
ENTER = {
    "code": "Enter the code. It is part of the event’s address and cannot change later",
    "title": "Enter the title",
    "kind": "Enter the kind: training, webinar or conference",
    "starts": "Enter when it starts, as in 2027-03-31 09:30",
    "ends": "Enter when it ends, as in 2027-03-31 16:30",
    "option": "Enter the name of the registration option, such as Member",
    "price": "Enter the net price in pounds, 0 where it is free",
    "audience": "Enter the audience: member, non-member, funded or anyone",
}
_CODE = re.compile(r"[A-Za-z0-9_-]+")
_url = URLValidator(schemes=["http", "https"])


def _text(name: str, length: int) -> Callable[[str], str]:
    return lambda cell: at_most(one_line(cell), length, name)


def _markdown(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _code(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise ValueError(
            f"Code “{cell[:40]}” may contain only letters a to z, digits, hyphens and underscores"
        )
    return at_most(cell, 40, "Code")


def _word(choices: type[Kind] | type[Audience], kind: str) -> Callable[[str], str]:
    known = {str(value): str(value) for value in choices.values}
    words = ", ".join(known)

    def read(cell: str) -> str:
        try:
            return one_of(cell, known, kind=kind, where="")
        except ValueError:
            a = "an" if kind[0] in "aeiou" else "a"
            raise ValueError(f"“{cell[:40]}” is not {a} {kind}: write one of {words}") from None

    return read


def _time(cell: str) -> datetime:
    time = read_time(cell)
    if not 2000 <= time.year <= 2100:
        raise ValueError(f"The year {time.year} cannot be right. Check the date")
    return time


def _link(cell: str) -> str:
    try:
        _url(cell)
    except ValidationError:
        raise ValueError(
            f"“{cell[:60]}” is not a link. A link starts with https:// or http://"
        ) from None
    return at_most(cell, 500, "The link")


def _points(cell: str) -> Decimal:
    try:
        points = Decimal(cell)
        is_right = 0 <= points < 1000 and points == points.quantize(Decimal("0.01"))
    except InvalidOperation:
        is_right = False
    if not is_right:
        raise ValueError(f"“{cell[:40]}” is not a number of points: write it as in 6 or 1.5")
    return points


def _places(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", cell):
        raise ValueError(
            f"“{cell[:40]}” is not a number of places: write a whole number, or leave the cell "
            "empty if there is no limit"
        )
    return int(cell)


READERS: dict[str, Callable[[str], Any]] = {
    "code": _code,
    "title": _text("Title", 160),
    "kind": _word(Kind, "kind of event"),
    "starts": _time,
    "ends": _time,
    "place": _text("Place", 200),
    "online_link": _link,
    "overview": _markdown,
    "funding_link": _link,
    "terms": _markdown,
    "cpd_category": _text("CPD category", 80),
    "cpd_points": _points,
    "option": _text("Option", 120),
    "price": Money.from_pounds,
    "audience": _word(Audience, "audience"),
    "places": _places,
    SESSIONS: read_sessions,
    "covers": read_names,
    "choose": read_number,
    "pool": read_pool,
}
# In Markdown an entity is meant.
_MARKDOWN = ("overview", "terms")
_NAMED = ("title", "place", "option", "cpd_category")
READERS |= {c: guarded(READERS[c], sound) for c in READERS if c not in _MARKDOWN}
READERS |= {c: guarded(READERS[c], whole_words) for c in _NAMED}
READERS |= {c: guarded(READERS[c], says_something) for c in ("place", "cpd_category")}
