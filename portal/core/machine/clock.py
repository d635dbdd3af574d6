"""Whether the clock can be trusted when it says that something is old enough to delete.

Rules (docs/decisions/0017-clocks.md):
- A mark in the database keeps the latest moment at which the clock was believed. It is renewed by
  the background work, on whichever machine.
- A clock that is more than AHEAD past the mark, or more than BEHIND before it, has leapt: nothing
  is forgotten for its age, which is said once in the log, and in the office as long as it is so.
- Only a person can tell a clock that is wrong from a portal that was off: `portal setup
  --clock-is-right`. A clock that is set right in time is believed again by itself.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connections, transaction
from django.utils import timezone

from portal.core.dates import clock, on_day, short_date
from portal.core.models import ClockMark
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one

log = logging.getLogger("portal.clock")

AHEAD = timedelta(days=2)
BEHIND = timedelta(minutes=5)
RENEWED_EACH = timedelta(hours=1)
State = ClockMark.State


def may_forget(*, at: datetime) -> bool:
    """Whether what is old at this moment may be forgotten. Asked by every job that forgets.

    Renews the mark where it may; says in the log, once, that it may not or may again.
    """
    mark = ClockMark.objects.first()
    if mark is None:
        log.error("%s", _NO_MARK)
        return False
    state = _state(mark, at)
    if state != mark.state or (state == State.STEADY and at - mark.at >= RENEWED_EACH):
        _note(at)
    return state == State.STEADY


@transaction.atomic
def _note(at: datetime) -> None:
    """Bring the mark up to date: read again under its lock, for another may have done it."""
    mark = lock_one(ClockMark.objects.all())
    before, mark.state = mark.state, _state(mark, at)
    if mark.state == State.STEADY:
        mark.at = max(mark.at, at)
    mark.save(update_fields=["at", "state"])
    if mark.state == before:
        return
    if mark.state == State.STEADY:
        _forget_counts()
        log.warning("The clock is trusted again. Old records are deleted as before.")
    else:
        log.warning("%s", _in_words(mark, at))


def leap(*, at: datetime) -> str:
    """What is wrong with the clock and what to do, in sentences; empty where nothing is."""
    mark = ClockMark.objects.first()
    if mark is None:
        return _NO_MARK
    return "" if _state(mark, at) == State.STEADY else _in_words(mark, at)


@transaction.atomic
def believe(*, actor: object, at: datetime) -> None:
    """Somebody has looked at the clock, and it is right: what is old may be forgotten."""
    mark, _ = ClockMark.objects.get_or_create(pk=1, defaults={"at": at})
    mark = lock_one(ClockMark.objects.all())
    record("clock believed", mark, actor=actor, at=at, before=mark.at.isoformat())
    mark.at, mark.state = at, State.STEADY
    mark.save(update_fields=["at", "state"])
    _forget_counts()


def begin(using: str, **_: Any) -> None:
    """Set the mark of a new database, and of one that comes from a version without it.

    Called when the tables have been made: who does that looks after the machine just then.
    """
    if ClockMark._meta.db_table in connections[using].introspection.table_names():
        ClockMark.objects.using(using).get_or_create(pk=1, defaults={"at": timezone.now()})


def _state(mark: ClockMark, at: datetime) -> ClockMark.State:
    if at - mark.at > AHEAD:
        return State.AHEAD
    return State.BEHIND if mark.at - at > BEHIND else State.STEADY


def _forget_counts() -> None:
    """The cache holds how often something was tried, and until when that counts: by the clock."""
    cache.clear()


_NO_MARK = (
    "The clock of this machine may be wrong, so no old records are deleted. Check the clock, "
    "then run `portal setup --clock-is-right`."
)


def _in_words(mark: ClockMark, at: datetime) -> str:
    way = "ahead" if at > mark.at else "behind"
    return (
        f"The clock of this machine may be {way}: it reads {_moment(at)}, and the background "
        f"work last ran at {_moment(mark.at)}. Until this is settled, no old records are "
        "deleted. If the clock is wrong, set it. If it is right, run `portal setup "
        "--clock-is-right`."
    )


def _moment(at: datetime) -> str:
    return f"{clock(at)} on {short_date(on_day(at))}"
