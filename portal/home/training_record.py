"""A person's training record: the events they are registered for (guide, section 6).

One query, and one more where the person takes part in some sessions of an event only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, F, QuerySet

from portal.core.rows.prepared import Prepared
from portal.events.attending import attended, points_of
from portal.events.models import Event, Registration
from portal.events.models.programme import in_words
from portal.people.models import Person


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as the attendee's record shows it."""

    registration: int
    code: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    online_link: str
    cpd_points: Decimal | None
    booked_by: int
    booker: str
    order: int
    invoice: str | None
    is_partial: bool
    in_part: str = ""

    @property
    def when(self) -> str:
        """When it was or will be, in words."""
        if not self.in_part:
            return in_words(self.starts, self.ends, is_online=not self.place)
        return self.in_part if self.place else f"{self.in_part} (UK time)"

    @property
    def points(self) -> str:
        """6, 1.5, or a dash where there are none."""
        if self.cpd_points is None:
            return "–"
        return f"{self.cpd_points:.2f}".rstrip("0").rstrip(".")


def record_of(
    person: Person, at: datetime, *, everything: bool
) -> tuple[list[RecordedEvent], list[RecordedEvent]]:
    """Upcoming events, the next first; previous events, the latest first.

    No more than the 200 latest together unless everything is asked for.
    """
    query = _ALL if everything else _SOME
    upcoming: list[RecordedEvent] = []
    previous: list[RecordedEvent] = []
    for event in _in_part([_recorded(row) for row in query.rows(attendee=person.pk)]):
        (upcoming if event.ends > at else previous).append(event)
    previous.sort(key=lambda event: (event.ends, event.registration), reverse=True)
    upcoming.sort(key=lambda event: (event.starts, event.registration))
    return upcoming, previous


def _in_part(events: list[RecordedEvent]) -> list[RecordedEvent]:
    """With time and points of the sessions, where it is not the whole event: one query then."""
    partial = [event.registration for event in events if event.is_partial]
    if not partial:
        return events
    theirs = attended(partial)
    return [
        replace(
            event,
            starts=sessions[0].starts,
            ends=max(session.ends for session in sessions),
            in_part="; ".join(session.when for session in sessions),
            cpd_points=points_of(sessions),
        )
        if (sessions := theirs.get(event.registration))
        else event
        for event in events
    ]


def _recorded(row: Any) -> RecordedEvent:
    return RecordedEvent(
        registration=row.registration,
        code=row.code,
        title=row.title,
        starts=row.starts,
        ends=row.ends,
        place=row.place,
        online_link=row.online_link,
        cpd_points=row.cpd_points,
        booked_by=row.booked_by,
        booker=f"{row.first_name} {row.last_name}".strip(),
        order=row.order,
        invoice=row.invoice,
        is_partial=bool(row.is_partial),
    )


def _of(attendee: Any) -> QuerySet[Event]:
    """Events: their columns come as Python's dates and numbers (core/rows/prepared.py)."""
    theirs = Registration.objects.taking_a_place().filter(attendee=attendee)
    return (
        Event.objects.filter(registrations__in=theirs)
        .only("code", "title", "starts", "ends", "place", "online_link", "cpd_points")
        .annotate(
            registration=F("registrations"),
            is_partial=F("registrations__is_partial"),
            booked_by=F("registrations__order__booked_by"),
            first_name=F("registrations__order__booked_by__first_name"),
            last_name=F("registrations__order__booked_by__last_name"),
            order=F("registrations__order"),
            invoice=F("registrations__order__invoice__number"),
        )
        .order_by("-ends", "-registration")
    )


_ALL = Prepared(_of, attendee=BigIntegerField())
_SOME = Prepared(lambda attendee: _of(attendee)[:200], attendee=BigIntegerField())
