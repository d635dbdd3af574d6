"""The office enters and changes an event with its sessions, pools and options.

Rules:
- What somebody relies on already stays (fixed_once_booked.py), unless the event is postponed.
- A session with a name is entered for itself; the event follows them (scheduling.py).
- All is looked at and written under the lock of the event, which a booking takes too: nobody books
  between the two. Of the event only the named fields are changed.
- Who is registered is told of what they rely on (changing_events.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.events.changing_events import facts, postpone, revise, revise_sessions
from portal.events.fixed_once_booked import (
    WHEN_BOOKED,
    covers_refusal,
    event_refusals,
    option_refusals,
    pool_refusal,
)
from portal.events.models import Event, Pool, RegistrationOption
from portal.events.scheduling import follow_sessions

Refused = Iterator[tuple[str, str]]


class EventRefused(Exception):
    """Somebody relies on what was to be changed. Carries the sentence."""


@dataclass(frozen=True, slots=True)
class Written:
    """A row of an event that is new or changed, with the value of each field that was typed."""

    row: Any
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventRows:
    """What becomes of the sessions, pools or options of an event."""

    new: Sequence[Written] = ()
    changed: Sequence[Written] = ()
    removed: Sequence[Any] = ()


@needs("events.add_event")
@transaction.atomic
def add_event(
    event: Event,
    *,
    sessions: EventRows,
    pools: EventRows,
    options: EventRows,
    actor: Any,
    at: datetime,
) -> Event:
    """Keep a new event with its rows."""
    event.save(force_insert=True)
    _write_rows(event, sessions, pools, options)
    follow_sessions(event)
    _tell("added in the office", event, (), options, actor=actor, at=at)
    return event


@needs("events.change_event")
@transaction.atomic
def change_event(
    event: Event,
    *,
    changes: Mapping[str, Any],
    sessions: EventRows,
    pools: EventRows,
    options: EventRows,
    actor: Any,
    at: datetime,
    postpones: bool = False,
    words: str = "",
) -> Event:
    """Change the named fields of an event, and its rows.

    `postpones`: to other times, with the office's `words` to the registered. Raises EventRefused
    and NotPostponed.
    """
    event = lock_one(Event.objects.filter(pk=event.pk))
    _check(event, changes, sessions, pools, options, postpones=postpones, at=at)
    for name, value in changes.items():
        setattr(event, name, value)
    if postpones:
        postpone(event, words=words, actor=actor, at=at)
    else:
        revise(event, at=at)
    before = facts(event)
    _write_rows(event, sessions, pools, options)
    follow_sessions(event)
    revise_sessions(event, before, at=at)
    _tell("changed in the office", event, changes, options, actor=actor, at=at)
    return event


def refused_of_event(
    event: Event, changes: Mapping[str, Any], *, postpones: bool, at: datetime
) -> Refused:
    """Field and sentence of each change that is refused."""
    if postpones:
        changes = {name: value for name, value in changes.items() if name == "kind"}
    if not changes:
        return
    saved = Event.objects.get(pk=event.pk)
    yield from event_refusals(saved, saved.options.with_taken(at), changes)


def refused_of_option(
    option: RegistrationOption, changes: Mapping[str, Any], *, at: datetime
) -> Refused:
    """Field and sentence of each change that is refused; `sessions` among them: what it covers."""
    if not option.pk or not {"price", "places", "sessions", "choose", "pool"} & set(changes):
        return
    saved = RegistrationOption.objects.with_taken(at).get(pk=option.pk)
    price, places = changes.get("price"), changes.get("places")
    yield from option_refusals(saved, price=price, places=places)
    pool = changes.get("pool")
    if pool is not None and pool.pk != saved.pool_id:
        sharing = [*pool.options.with_taken(at), saved]
        if refusal := pool_refusal(sharing, places=pool.places):
            yield "pool", refusal
    covers = [one.name for one in changes.get("sessions", saved.sessions.all())]
    choose = changes.get("choose", saved.choose)
    if refusal := covers_refusal(saved, covers=covers, choose=choose):
        yield "sessions", refusal


def refused_of_pool(pool: Pool, changes: Mapping[str, Any], *, at: datetime) -> Refused:
    """Field and sentence where the options that share a pool have more places taken."""
    if pool.pk and "places" in changes:
        options = pool.options.with_taken(at)
        if refusal := pool_refusal(options, places=changes["places"] or 0):
            yield "places", refusal


def refused_of_session(event: Event, changed: Collection[str], *, at: datetime) -> Refused:
    """Field (“”: the session as a whole) and sentence; what is new or goes is a change too."""
    if {"name", "starts", "ends"} & set(changed) and is_taken(event, at=at):
        yield "", f"The sessions cannot be changed {WHEN_BOOKED}"


def is_taken(event: Event, *, at: datetime) -> bool:
    """Whether somebody has booked, or holds a place to book it."""
    options = RegistrationOption.objects.filter(event=event.pk).with_taken(at)
    return any(option.taken for option in options)


def _check(
    event: Event,
    changes: Mapping[str, Any],
    sessions: EventRows,
    pools: EventRows,
    options: EventRows,
    *,
    postpones: bool,
    at: datetime,
) -> None:
    """Once more what the page has looked at, now that the event is locked. Raises EventRefused."""
    refused = list(refused_of_event(event, changes, postpones=postpones, at=at))
    moved = {name for each in (*sessions.new, *sessions.changed) for name in each.changes}
    refused += refused_of_session(event, ["name"] if sessions.removed else moved, at=at)
    for each in pools.changed:
        refused += refused_of_pool(each.row, each.changes, at=at)
    for each in options.changed:
        refused += refused_of_option(each.row, each.changes, at=at)
    if refused:
        raise EventRefused(f"{refused[0][1]}.")


def _write_rows(event: Event, *kinds: EventRows) -> None:
    for rows in kinds:
        for row in rows.removed:
            row.delete()
        for each in rows.new:
            each.row.event = event
            each.row.save(force_insert=True)
            _cover(each.row, each.changes)
        for each in rows.changed:
            now = type(each.row).objects.get(pk=each.row.pk)
            names = {column.name for column in now._meta.concrete_fields} & set(each.changes)
            for name in names:
                setattr(now, name, each.changes[name])
            now.save(update_fields=names)
            _cover(now, each.changes)


def _cover(row: Any, changes: Mapping[str, Any]) -> None:
    if "sessions" in changes:
        row.sessions.set(changes["sessions"])


def _tell(
    act: str,
    event: Event,
    fields: Collection[str],
    options: EventRows,
    *,
    actor: Any,
    at: datetime,
) -> None:
    """One entry in the history for the event with its options."""
    changed = [(each.row, list(each.changes)) for each in options.changed]
    record(
        act,
        event,
        actor=actor,
        at=at,
        fields=list(fields),
        options_added=[f"{each.row}, {each.row.price}" for each in options.new],
        options_changed=[(f"{option}, {option.price}", names) for option, names in changed],
        options_deleted=[str(option) for option in options.removed],
    )
