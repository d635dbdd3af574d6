"""A person's training record: the events they are registered for (guide, section 6).

One query, and one more where the person takes part in some sessions of an event only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from portal.core.rows.prepared import PreparedQuery
from portal.events.attending import attended, points_of
from portal.events.models import Registration
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
    booked_by_first_name: str
    booked_by_last_name: str
    order: int
    invoice: str | None
    is_partial: bool
    in_part: str = ""

    @property
    def booker(self) -> str:
        return f"{self.booked_by_first_name} {self.booked_by_last_name}".strip()

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
    for event in _in_part([RecordedEvent(*row) for row in query.rows(person.pk)]):
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


def _recorded(attendee: Any) -> QuerySet[Any, Any]:
    return (
        Registration.objects.taking_a_place()
        .filter(attendee=attendee)
        .order_by("-event__ends", "-pk")
        .values_list(
            "pk",
            "event__code",
            "event__title",
            "event__starts",
            "event__ends",
            "event__place",
            "event__online_link",
            "event__cpd_points",
            "order__booked_by",
            "order__booked_by__first_name",
            "order__booked_by__last_name",
            "order",
            "order__invoice__number",
            "is_partial",
        )
    )


_ALL = PreparedQuery(_recorded)
_SOME = PreparedQuery(lambda attendee: _recorded(attendee)[:200])
