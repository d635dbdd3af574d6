"""Counting places.

A place is taken by a registration, or by a hold that has neither expired nor been lost. Whoever
decides on a place has locked the event's row before, so that nobody else decides at the same time
(docs/decisions/0003-no-place-without-a-lock.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from portal.core.locking import lock
from portal.events.models import Basket, Event, Hold, RegistrationOption


def lock_events(basket: Basket, *more: Event) -> dict[int, Event]:
    """The events of the basket and these, locked and as they are now, by their keys."""
    in_basket = Q(pk__in=Hold.objects.filter(basket=basket).values("event"))
    rows = Event.objects.filter(in_basket | Q(pk__in=[event.pk for event in more]))
    return {event.pk: event for event in lock(rows)}


class Places:
    """The places left in some options, without counting what one basket holds: one query."""

    def __init__(self, options: Q, *, at: datetime, besides: Basket) -> None:
        rows = RegistrationOption.objects.filter(options).with_taken(at, besides=besides.pk)
        self._options = list(rows)
        self._left = {option.pk: option.left for option in self._options}

    @classmethod
    def for_holds(cls, holds: Iterable[Hold], *, at: datetime, besides: Basket) -> Places:
        """The places in the events of these holds."""
        return cls(Q(event__in={hold.event_id for hold in holds}), at=at, besides=besides)

    def options_of(self, event: int) -> list[RegistrationOption]:
        """The options of an event (its key) that are counted."""
        return [option for option in self._options if option.event_id == event]

    def left(self, option: RegistrationOption) -> int | None:
        """Places left of an option, None for no limit."""
        return self._left[option.pk]

    def take(self, option: RegistrationOption) -> bool:
        """Take a place of the option; False where none is left."""
        left = self.left(option)
        if left is not None:
            self._left[option.pk] = max(0, left - 1)
        return left != 0
