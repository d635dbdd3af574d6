"""Changing an event, and telling those who rely on it.

Rules:

- A new time, place or joining link of an event that somebody is registered for is mailed to each of
  the registered, with the newer calendar file: the same identity, the next sequence.
- Several changes within minutes are one mail: it is written once nothing has changed for
  `QUIET_FOR`, and says what was and what is. What was changed back is not told.
- The change writes a row (ChangeNotice), a job writes the mails from it: a kill between the two
  delays the mails and loses none (docs/decisions/0001-rows-before-queues.md).
- Of an event that is over nobody is told.
- Once somebody relies on its times they stay (fixed_once_booked.py), unless the event is
  postponed: an act of its own, with the office's words to the people registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from portal.core.background.registry import is_stopping
from portal.core.dates import moved_with
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.events import emails
from portal.events.attending import load_sessions
from portal.events.models import ChangeNotice, Event, Registration, Session

QUIET_FOR = timedelta(minutes=5)


class NotPostponed(Exception):
    """Carries the sentence that says why an event cannot be postponed so."""


def revise(event: Event, *, at: datetime) -> None:
    """Save an event as it is to be, its row locked; the people registered are told what has
    changed.
    """
    _save(event, at=at)


def postpone(event: Event, *, words: str, actor: object, at: datetime) -> None:
    """Save an event with other times, its row locked, and its sessions moved as far by the clock on
    the wall, so that 10am stays 10am across a clock change.

    `words` are the office's own to the people registered, or none. Raises NotPostponed.
    """
    before = Event.objects.get(pk=event.pk)
    if (event.starts, event.ends) == (before.starts, before.ends):
        raise NotPostponed("Enter the new times to postpone the event to")
    if min(event.starts, before.starts) <= at:
        raise NotPostponed(
            "You can only postpone an event that has not begun, and only to a time in the future"
        )
    sessions = _moved_sessions(event, before)
    _save(event, at=at, is_postponed=True, words=words)
    for session in sessions:
        session.save(update_fields=["starts", "ends"])
    told = {"before": before.when, "after": event.when, "words": words}
    record("postponed", event, actor=actor, at=at, **told)


def _moved_sessions(event: Event, before: Event) -> list[Session]:
    """Its sessions with names, moved with its start; the event ends with the last of them."""
    sessions = list(event.sessions.exclude(name=""))
    if not sessions:
        return []
    if event.starts == before.starts:
        raise NotPostponed(
            "Enter the new start: the sessions move with it, and the event ends with the last"
        )
    for session in sessions:
        session.starts = moved_with(session.starts, before=before.starts, after=event.starts)
        session.ends = moved_with(session.ends, before=before.starts, after=event.starts)
    event.ends = max(session.ends for session in sessions)
    return sessions


def _save(event: Event, *, at: datetime, is_postponed: bool = False, words: str = "") -> None:
    before = Event.objects.get(pk=event.pk)
    if any(getattr(event, name) != getattr(before, name) for name in Event.IN_CALENDARS):
        event.revision = before.revision + 1
    event.save()
    known = facts(before)
    if event.ends <= at or (facts(event) == known and not is_postponed):
        return
    if Registration.objects.taking_a_place().filter(event=event).exists():
        _note(event, known, at=at, is_postponed=is_postponed, words=words)


def revise_sessions(event: Event, before: Mapping[str, str], *, at: datetime) -> None:
    """After its sessions were saved, the event locked: the people registered are told what has
    changed.

    `before` is what `facts` said before.
    """
    if facts(event) == before:
        return
    event.revision += 1
    event.save(update_fields=["revision"])
    if event.ends > at and Registration.objects.taking_a_place().filter(event=event).exists():
        _note(event, dict(before), at=at, is_postponed=False, words="")


def _note(
    event: Event, known: dict[str, str], *, at: datetime, is_postponed: bool, words: str
) -> None:
    """Keep what the registered know, from before the first of several changes."""
    notice, is_new = ChangeNotice.objects.get_or_create(
        event=event,
        defaults={
            "before": known,
            "is_postponed": is_postponed,
            "words": words,
            "changed_at": at,
        },
    )
    if not is_new:
        notice.is_postponed |= is_postponed
        notice.words = words or notice.words
        notice.changed_at = at
        notice.save()


def facts(event: Event) -> dict[str, str]:
    """What the registered rely on, in words; of each session too, for people who take part in some
    of them (emails.py).
    """
    sessions = [session for session in event.sessions.all() if session.name]
    return {
        "When": event.when,
        "Where": event.place or "Online",
        "Joining link": event.online_link,
        "Sessions": "; ".join(session.when_and_where for session in sessions),
    } | {f"session {session.pk}": session.when_and_where for session in sessions}


def tell_of_changes(*, at: datetime) -> int:
    """Write the mails on all events that have not changed for a while; returns how many mails."""
    due = ChangeNotice.objects.filter(changed_at__lte=at - QUIET_FOR)
    told = 0
    for event in list(due.order_by("pk").values_list("event", flat=True)):
        if is_stopping():
            break
        told += _tell(event, at)
    return told


@transaction.atomic
def _tell(key: int, at: datetime) -> int:
    """0 where another worker has told it, or the event changed again meanwhile."""
    found = lock(Event.objects.filter(pk=key))
    notices = lock(ChangeNotice.objects.filter(event=key, changed_at__lte=at - QUIET_FOR))
    if not found or not notices:
        return 0
    (event,), (notice,) = found, notices
    notice.delete()
    after = facts(event)
    if event.ends <= at or (after == notice.before and not notice.is_postponed):
        return 0
    rows = Registration.objects.taking_a_place().filter(event=event)
    registrations = list(rows.select_related("attendee", "option", "order__booked_by", "event"))
    load_sessions(registrations)
    return sum(emails.event_changed(row, notice, after=after, at=at) for row in registrations)
