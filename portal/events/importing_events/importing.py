"""Importing training and events from the office's own list.

- All rows are checked before any is written, and all are written in one transaction.
- An event is known by its code. A second import changes what differs; the same file again
  changes nothing; events that the file leaves out stay as they are.
- What somebody relies on already stays (fixed_once_booked.py), and an option of which a place
  is taken cannot be left out.
- Events may come before the taxes and booking rules that registering needs: a note names those.
- The events are locked first, as a booking locks them: nobody books between check and change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from portal.core.dates import on_day
from portal.core.rows.history import record
from portal.core.rows.locking import alone, lock
from portal.core.sheets import AnotherImport, BadSheet, Outcome, Problem, Progress, Sheet, quiet
from portal.core.text.comparing import as_words
from portal.events.changing_events import revise
from portal.events.fixed_once_booked import (
    covers_refusal,
    event_refusals,
    option_refusals,
    pool_refusal,
    sessions_refusal,
)
from portal.events.importing_events.columns import EVENT_COLUMNS, SESSIONS
from portal.events.importing_events.rows import EventRow, OptionRow, read_events
from portal.events.models import Event, Hold, Pool, RegistrationOption
from portal.events.readiness import missing_for
from portal.events.scheduling import set_sessions

_ADDED, _CHANGED = "imported", "changed by import"


def import_events(
    sheet: Sheet,
    *,
    actor: object,
    at: datetime,
    dry_run: bool = False,
    progress: Progress = quiet,
) -> Outcome:
    """Import the rows of a sheet read with `COLUMNS`.

    `dry_run`: do it all, and write nothing. Raises BadSheet (with all problems) and
    AnotherImport; then nothing is written.
    """
    outcome = Outcome(notes=[*sheet.notes], was_dry_run=dry_run)
    rows, problems = read_events(sheet.rows)
    problems += sheet.problems
    progress("Checking", len(sheet.rows), len(sheet.rows))
    with alone("import") as is_alone:
        if not is_alone:
            raise AnotherImport
        with transaction.atomic():
            known = _Known(rows, at)
            problems += [problem for row in rows for problem in known.refusals(row)]
            if problems:
                raise BadSheet(problems)
            for done, row in enumerate(rows, start=1):
                act = known.write(row)
                outcome.added += act == _ADDED
                outcome.changed += act == _CHANGED
                outcome.unchanged += act == ""
                progress("Writing", done, len(rows))
                if act:
                    told = {"file": sheet.name, "line": row.line}
                    record(act, known.event(row), actor=actor, at=at, **told)
            if dry_run:
                transaction.set_rollback(True)
    outcome.notes += _what_registering_lacks(rows, at)
    return outcome


def _what_registering_lacks(rows: list[EventRow], at: datetime) -> Iterator[str]:
    """Notes: until the office has entered these, nobody can register for some of the events."""
    for lack in missing_for({row.cells["kind"] for row in rows}, on_day(at)):
        yield f"Registration is not open yet. {lack}"


class _Known:
    """The events of the file as they are in the database, locked, with what is taken of them."""

    def __init__(self, rows: list[EventRow], at: datetime) -> None:
        self._at = at
        codes = [row.code.casefold() for row in rows]
        same_code = Event.objects.annotate(lower_code=Lower("code")).filter(lower_code__in=codes)
        self._events = {event.code.casefold(): event for event in lock(same_code)}
        self._changed_pools: set[int] = set()
        self._options: dict[str, dict[str, RegistrationOption]] = {code: {} for code in codes}
        options = RegistrationOption.objects.filter(event__in=self._events.values())
        options = options.with_taken(at).select_related("event").prefetch_related("sessions")
        for option in options:
            theirs = self._options[option.event.code.casefold()]
            theirs[as_words(option.name)] = option

    def event(self, row: EventRow) -> Event:
        return self._events[row.code.casefold()]

    def refusals(self, row: EventRow) -> Iterator[Problem]:
        """The changes of what somebody relies on already."""
        event = self._events.get(row.code.casefold())
        options = self._options[row.code.casefold()]
        if event is None or row.is_marred:
            return
        if two := _near_twins(event):
            yield row.problem("code", two)
            return
        for column, sentence in event_refusals(event, options.values(), row.cells):
            yield row.problem(column, sentence)
        planned = row.cells[SESSIONS] or []
        if refusal := sessions_refusal(event, options.values(), planned):
            yield row.problem(SESSIONS, refusal)
        for wanted in row.options:
            option = options.get(as_words(wanted.name))
            if option is not None:
                yield from _option_problems(option, wanted)
        yield from self._pool_problems(row, options)
        names = {as_words(wanted.name) for wanted in row.options}
        for name, option in options.items():
            if option.taken and name not in names:
                taken = "1 place" if option.taken == 1 else f"{option.taken} places"
                yield row.problem(
                    "option",
                    f"Option “{option.name}” is missing, but it has {taken} in use. Put the "
                    f"option back. To offer no more places, give it {taken}",
                )

    def write(self, row: EventRow) -> str:
        """Add the event or change what differs. Gives the word for the history, or nothing."""
        code = row.code.casefold()
        event = self._events.get(code)
        is_new = event is None
        if event is None:
            event = self._events[code] = Event(code=row.code)
        changed = _fill(event, _event_cells(row))
        if changed:
            if is_new:
                event.save()
            else:
                revise(event, at=self._at)
        is_changed = set_sessions(event, row.cells[SESSIONS] or []) or bool(changed)
        is_changed |= self._write_options(event, row)
        return _ADDED if is_new else _CHANGED if is_changed else ""

    def _pool(self, event: Event, wanted: OptionRow) -> Pool | None:
        """The pool of an option, with the places that the file gives it."""
        if wanted.pool is None:
            return None
        name, places = wanted.pool
        same = (one for one in event.pools.all() if as_words(one.name) == as_words(name))
        pool = next(same, None) or Pool(event=event, name=name)
        if pool.places != places:
            pool.places = places
            pool.save()
            self._changed_pools.add(event.pk)
        return pool

    def _pool_problems(
        self, row: EventRow, options: dict[str, RegistrationOption]
    ) -> Iterator[Problem]:
        """Pools that would have fewer places than are taken of their options."""
        pools = {
            as_words(wanted.pool[0]): wanted for wanted in reversed(row.options) if wanted.pool
        }
        for pool, wanted in pools.items():
            names = {
                as_words(o.name) for o in row.options if o.pool and as_words(o.pool[0]) == pool
            }
            theirs = [option for name, option in options.items() if name in names]
            if wanted.pool and (refusal := pool_refusal(theirs, places=wanted.pool[1])):
                yield wanted.problem("pool", refusal)

    def _write_covers(self, event: Event, option: RegistrationOption, wanted: OptionRow) -> bool:
        names = {as_words(name) for name in wanted.covers}
        sessions = [session for session in event.sessions.all() if as_words(session.name) in names]
        if {session.pk for session in sessions} == {one.pk for one in option.sessions.all()}:
            return False
        option.sessions.set(sessions)
        return True

    def _write_options(self, event: Event, row: EventRow) -> bool:
        """Make the options those of the file, in its order. True where anything changed."""
        left = dict(self._options[row.code.casefold()])
        is_changed = False
        for position, wanted in enumerate(row.options, start=1):
            option = left.pop(as_words(wanted.name), None) or RegistrationOption(event=event)
            cells = {
                "name": wanted.name,
                "price": wanted.price,
                "audience": wanted.audience,
                "places": wanted.places,
                "choose": wanted.choose,
                "pool": self._pool(event, wanted),
                "position": position,
            }
            if _fill(option, cells):
                option.save()
                is_changed = True
            is_changed |= self._write_covers(event, option, wanted)
        if left:
            # What is still there holds no place: it has expired, or its place was lost.
            Hold.objects.filter(option__in=left.values()).delete()
            RegistrationOption.objects.filter(pk__in=[o.pk for o in left.values()]).delete()
        gone, _ = event.pools.filter(options=None).delete()
        return is_changed or bool(left) or bool(gone) or event.pk in self._changed_pools


def _near_twins(event: Event) -> str:
    """Why the file cannot tell two names of an event apart; empty where it can."""
    for rows, what in (
        (event.options.all(), "options"),
        (event.sessions.all(), "sessions"),
        (event.pools.all(), "pools"),
    ):
        known: dict[str, str] = {}
        for row in rows:
            other = known.setdefault(as_words(row.name), row.name)
            if other != row.name:
                return (
                    f"Its {what} “{other}” and “{row.name}” differ only in capitals or accents. "
                    "Rename one in the office"
                )
    return ""


def _option_problems(option: RegistrationOption, wanted: OptionRow) -> Iterator[Problem]:
    for column, sentence in option_refusals(option, price=wanted.price, places=wanted.places):
        yield wanted.problem(column, sentence)
    if refusal := covers_refusal(option, covers=wanted.covers, choose=wanted.choose):
        yield wanted.problem("covers", refusal)


def _event_cells(row: EventRow) -> dict[str, Any]:
    """The cells as fields of an event: those left empty are empty."""
    empty = {"cpd_points": None}
    return {
        column: empty.get(column, "") if row.cells[column] is None else row.cells[column]
        for column in EVENT_COLUMNS
    }


def _fill(obj: Event | RegistrationOption, cells: dict[str, Any]) -> set[str]:
    """Set the fields that differ, and tell their names."""
    differing = {name: value for name, value in cells.items() if getattr(obj, name) != value}
    for name, value in differing.items():
        setattr(obj, name, value)
    return set(differing)
