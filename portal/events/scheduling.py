"""The sessions of an event, and its beginning and end, which follow from them.

Rules:

- An event has at least one session. The one of an event that has no more is without a name and has
  the times of the event.
- Sessions with names are entered for themselves: the event begins with the first and ends with the
  last.
- An option that covers no sessions in particular covers all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.core.text.comparing import as_words
from portal.events.models import Event, Session


@dataclass(frozen=True, slots=True)
class Planned:
    """A session as it is to be."""

    name: str
    starts: datetime
    ends: datetime
    cpd_points: Decimal | None = None


def set_sessions(event: Event, planned: Sequence[Planned]) -> bool:
    """Make the sessions those planned, known by their names in the form for comparing; none is one,
    of the event’s own times. So a session keeps its row, and what points at it, when its name is
    written otherwise.

    True where anything changed. The event is locked and saved; its caller has refused what somebody
    relies on (fixed_once_booked.py).
    """
    before = {as_words(session.name): session for session in event.sessions.all()}
    wanted = planned or [Planned("", event.starts, event.ends)]
    is_changed = False
    for plan in wanted:
        session = before.pop(as_words(plan.name), None) or Session(event=event)
        cells = {name: getattr(plan, name) for name in ("name", "starts", "ends", "cpd_points")}
        if any(getattr(session, name, None) != value for name, value in cells.items()):
            for name, value in cells.items():
                setattr(session, name, value)
            session.save()
            is_changed = True
    if before:
        Session.objects.filter(pk__in=[session.pk for session in before.values()]).delete()
    return is_changed or bool(before)


def follow_sessions(event: Event) -> bool:
    """Make the event and its sessions agree after the office has changed either.

    The event follows sessions that have names, and the one without a name follows the event. True
    where the times of the event changed. The event is locked.
    """
    named = [session for session in event.sessions.all() if session.name]
    if not named:
        set_sessions(event, [])
        return False
    event.sessions.filter(name="").delete()
    times = (named[0].starts, max(session.ends for session in named))
    if times == (event.starts, event.ends):
        return False
    event.starts, event.ends = times
    event.save(update_fields=["starts", "ends"])
    return True
