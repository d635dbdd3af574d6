"""What of the events on a list is a person's own: where they are registered, what they hold.

Asked for the events of one page, not of the whole list, so that a long list costs no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.core.dates import on_day
from portal.events.models import Event, Hold, Registration
from portal.membership.standing import Standing, standing
from portal.people.models import Person


@dataclass(frozen=True, slots=True)
class Own:
    """Of a visitor all of it is empty, and `standing` None. Both others go by the event's key."""

    person: Person | None = None
    standing: Standing | None = None
    registered: Mapping[int, Registration] = field(default_factory=dict)
    held: frozenset[int] = frozenset()

    def order_in(self, event: Event) -> str:
        """The number of the order by which they booked it themselves; else empty."""
        found = self.registered.get(event.pk)
        is_theirs = found is not None and found.order.booked_by_id == getattr(self.person, "pk", 0)
        return found.order.number if found is not None and is_theirs else ""


def own_part(
    person: Person | None, events: Iterable[Event], *, has_basket: bool, at: datetime
) -> Own:
    """The person's part in these events: two queries, one more with something in the basket."""
    if person is None:
        return Own()
    keys = [event.pk for event in events]
    registered = Registration.objects.taking_a_place().for_attendee(person)
    registered = registered.filter(event__in=keys).select_related("order")
    held = Hold.objects.filter(attendee=person, basket__owner=person, event__in=keys)
    return Own(
        person,
        standing(person, on_day(at)),
        {found.event_id: found for found in registered},
        frozenset(held.values_list("event", flat=True)) if has_basket else frozenset(),
    )
