"""The rows of the events file: one for each registration option of an event.

The cells of the event stand in the first row of its code; in the others they say the same or
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portal.core.money import Money
from portal.core.sheets import Problem, Row
from portal.core.sheets.damage import doubtful_dates
from portal.core.sheets.problems import shortened
from portal.core.text.comparing import as_words
from portal.events.importing_events.columns import (
    CELLS,
    ENTER,
    EVENT_COLUMNS,
    OPTION_COLUMNS,
    READERS,
    SESSIONS,
)
from portal.events.importing_events.sessions import wrong_sessions

_LONGEST = timedelta(days=31)

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
            event = EventRow(row.line, code, {c: cells.get(c) for c in CELLS}, row.cells)
            if code:
                events[code.casefold()] = event
        else:
            wrong += _disagreements(row, cells, event)
        wrong += _same_option(row, cells, event)
        wrong += _not_covered(row, cells, event)
        wrong += _other_pool(row, cells, event)
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
            cells[column] = READERS[column](tidy)
        except ValueError as error:
            cells[column] = "" if column == "code" else None
            problems.append(Problem(row.line, column, str(error), shortened(text)))
    return cells, problems


def _missing(row: Row, cells: Cells, columns: Iterable[str]) -> list[Problem]:
    return [Problem(row.line, c, ENTER[c]) for c in columns if c not in cells]


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
        for column in CELLS
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


def _not_covered(row: Row, cells: dict[str, Any], event: EventRow) -> list[Problem]:
    """What an option covers or lets choose must be sessions of its event."""
    sessions = event.cells.get("sessions") or []
    names = {as_words(session.name) for session in sessions}
    covers = cells.get("covers") or []
    problems = [
        Problem(row.line, "covers", f"“{name}” is not a session of the event", row.cells["covers"])
        for name in covers
        if as_words(name) not in names
    ]
    choose = cells.get("choose")
    if choose and choose > len(covers or sessions):
        sentence = "There are fewer sessions than the attendee has to choose"
        problems.append(Problem(row.line, "choose", sentence, row.cells["choose"]))
    return problems


def _other_pool(row: Row, cells: dict[str, Any], event: EventRow) -> list[Problem]:
    """The same pool has the same places in every row."""
    if not (pool := cells.get("pool")):
        return []
    name, places = pool
    for option in event.options:
        if option.pool and option.pool[1] != places and as_words(option.pool[0]) == as_words(name):
            sentence = f"“{name}” has {option.pool[1]} places in line {option.line}"
            return [Problem(row.line, "pool", f"{sentence}. Make them the same", row.cells["pool"])]
    return []
