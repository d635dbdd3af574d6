"""The rows of the events file: one for each registration option of an event.

The cells of the event are in the first row of its code; in the others they say the same or
nothing. Times are London times, prices are net pounds, empty places are unlimited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from portal.core.dates import read_time
from portal.core.money import Money
from portal.core.sheets import Problem, Row
from portal.core.sheets.cells import at_most, one_line, one_of
from portal.core.sheets.damage import (
    doubtful_dates,
    guarded,
    says_something,
    sound,
    whole_words,
)
from portal.core.sheets.problems import shortened
from portal.core.text.comparing import as_words
from portal.events.importing_events.sessions import (
    not_covered,
    other_pool,
    read_names,
    read_number,
    read_pool,
    read_sessions,
    wrong_sessions,
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
_CELLS = (*EVENT_COLUMNS, SESSIONS)
OPTION_COLUMNS = ("option", "price", "audience", "places", "covers", "choose", "pool")
COLUMNS = ("code", *_CELLS, *OPTION_COLUMNS)
_ENTER = {
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
_LONGEST = timedelta(days=31)
_url = URLValidator(schemes=["http", "https"])

Cells = dict[str, Any]


@dataclass(slots=True)
class EventRow:
    """An event as the file has it, with its options in their order.

    `is_marred`: something is wrong in its rows, so that cells or options may be missing.
    """

    line: int
    code: str
    cells: Cells
    as_typed: Mapping[str, str]
    options: list[OptionRow] = field(default_factory=list)
    is_marred: bool = False

    def problem(self, column: str, sentence: str) -> Problem:
        return Problem(self.line, column, sentence, shortened(self.as_typed.get(column, "")))


@dataclass(frozen=True, slots=True)
class OptionRow:
    line: int
    name: str
    price: Money
    audience: str
    places: int | None
    covers: tuple[str, ...] = ()
    choose: int | None = None
    pool: tuple[str, int] | None = None
    as_typed: Mapping[str, str] = field(default_factory=dict)

    def problem(self, column: str, sentence: str) -> Problem:
        return Problem(self.line, column, sentence, shortened(self.as_typed.get(column, "")))


def read_events(rows: Sequence[Row]) -> tuple[list[EventRow], list[Problem]]:
    """The events of the rows, and all that is wrong with them."""
    events: dict[str, EventRow] = {}
    problems: list[Problem] = []
    for row in rows:
        cells, wrong = _read(row)
        code = cells.get("code", "")
        event = events.get(code.casefold())
        wrong += _missing(row, cells, ("code", *OPTION_COLUMNS[:3]))
        if event is None:
            wrong += _missing(row, cells, EVENT_COLUMNS[:4])
            wrong += _wrong_times(row, cells)
            event = EventRow(row.line, code, {c: cells.get(c) for c in _CELLS}, row.cells)
            if code:
                events[code.casefold()] = event
        else:
            wrong += _disagreements(row, cells, event)
        wrong += _same_option(row, cells, event)
        wrong += not_covered(row, cells, event)
        wrong += other_pool(row, cells, event)
        problems += wrong
        event.is_marred |= bool(wrong)
        if not wrong:
            event.options.append(
                OptionRow(
                    row.line,
                    cells["option"],
                    cells["price"],
                    cells["audience"],
                    cells.get("places"),
                    tuple(cells.get("covers") or ()),
                    cells.get("choose"),
                    cells.get("pool"),
                    row.cells,
                )
            )
    problems += doubtful_dates(rows, ("starts", "ends"))
    return list(events.values()), problems


def _read(row: Row) -> tuple[Cells, list[Problem]]:
    """The cells that are filled; one that cannot be read is there as None."""
    cells: Cells = {}
    problems: list[Problem] = []
    for column, text in row.cells.items():
        tidy = text.strip()
        if not tidy:
            continue
        try:
            cells[column] = _READERS[column](tidy)
        except ValueError as error:
            cells[column] = "" if column == "code" else None
            problems.append(Problem(row.line, column, str(error), shortened(text)))
    return cells, problems


def _missing(row: Row, cells: Cells, columns: Iterable[str]) -> list[Problem]:
    return [Problem(row.line, c, _ENTER[c]) for c in columns if c not in cells]


def _wrong_times(row: Row, cells: Cells) -> list[Problem]:
    starts, ends = cells.get("starts"), cells.get("ends")
    if starts is None or ends is None:
        return []
    if ends <= starts:
        sentence = f"The event must end after it starts ({shortened(row.cells['starts'])})"
    elif ends - starts > _LONGEST:
        sentence = "The event lasts longer than a month. Check both dates"
    elif sessions := cells.get(SESSIONS):
        return wrong_sessions(row, sessions, starts, ends)
    else:
        return []
    return [Problem(row.line, "ends", sentence, shortened(row.cells["ends"]))]


def _disagreements(row: Row, cells: Cells, event: EventRow) -> list[Problem]:
    """Cells of the event that differ from its first row."""
    return [
        Problem(
            row.line,
            column,
            f"This differs from line {event.line}, the first line of event {event.code}. Make "
            "them the same, or leave this one empty",
            shortened(row.cells[column]),
        )
        for column in _CELLS
        if cells.get(column) is not None
        and event.cells[column] != cells[column]
        and not (event.cells[column] is None and column in EVENT_COLUMNS[:4])
    ]


def _same_option(row: Row, cells: Cells, event: EventRow) -> list[Problem]:
    name = cells.get("option") or ""
    for option in event.options:
        if as_words(option.name) == as_words(name):
            sentence = f"Option “{name}” is already in line {option.line}. Give it another name"
            return [Problem(row.line, "option", sentence, name)]
    return []


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


_READERS: dict[str, Callable[[str], Any]] = {
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
_READERS |= {c: guarded(_READERS[c], sound) for c in _READERS if c not in _MARKDOWN}
_READERS |= {c: guarded(_READERS[c], whole_words) for c in _NAMED}
_READERS |= {c: guarded(_READERS[c], says_something) for c in ("place", "cpd_category")}
