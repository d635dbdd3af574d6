"""Finding events in the list “Training and events”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q

from portal.core.dates import LONDON
from portal.events.models import Event, EventQuerySet


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; all of it may be left open."""

    words: str = ""
    kind: str = ""
    is_online: bool | None = None
    since: date | None = None
    with_places: bool = False


def find_events(wanted: Wanted, *, at: datetime) -> EventQuerySet:
    """Events that are not over, soonest first. Every word must be in title, overview or place."""
    events = Event.objects.upcoming(at)
    for word in wanted.words.split()[:8]:
        events = events.filter(
            Q(title__icontains=word) | Q(overview__icontains=word) | Q(place__icontains=word)
        )
    if wanted.kind:
        events = events.filter(kind=wanted.kind)
    if wanted.is_online is not None:
        events = events.filter(place="") if wanted.is_online else events.exclude(place="")
    if wanted.since:
        events = events.filter(ends__gte=datetime.combine(wanted.since, time.min, LONDON))
    return events.with_places(at) if wanted.with_places else events
