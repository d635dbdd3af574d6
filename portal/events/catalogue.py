"""Finding events in the list “Training and events”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from portal.billing.vat import Taxes
from portal.core.dates import LONDON
from portal.core.text.comparing import as_words
from portal.events.models import Event, EventQuerySet
from portal.events.pricing import known_codes

MOST_WORDS = 8  # that a search looks for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; all of it may be left open."""

    words: str = ""
    kind: str = ""
    is_online: bool | None = None
    since: date | None = None
    with_places: bool = False


def find_events(wanted: Wanted, *, taxes: Taxes, at: datetime) -> EventQuerySet:
    """Events that are not over, soonest first. Every word must be in title, overview or place.

    `taxes` are those of the day; the events come `with_tax` and `with_terms`.
    """
    events = Event.objects.upcoming(at).with_tax(taxes.on).with_terms(taxes.on)
    for word in as_words(wanted.words).split()[:MOST_WORDS]:
        events = events.filter(compared_words__contains=word)
    if wanted.kind:
        events = events.filter(kind=wanted.kind)
    if wanted.is_online is not None:
        events = events.filter(place="") if wanted.is_online else events.exclude(place="")
    if wanted.since:
        events = events.filter(ends__gte=datetime.combine(wanted.since, time.min, LONDON))
    return _that_can_be_booked(events, taxes, at) if wanted.with_places else events


def _that_can_be_booked(events: EventQuerySet, taxes: Taxes, at: datetime) -> EventQuerySet:
    """With a place left, and open: see bookable.py."""
    if not taxes.is_known:
        return events.none()
    if taxes.is_registered:
        events = events.taxed_as(known_codes(taxes))
    return events.with_rules().with_places(at)
