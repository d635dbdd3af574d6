"""Counting places.

A place is taken by a registration that has not been cancelled, or by a hold that has neither
expired nor been lost. Whoever decides on a place has locked the event's row before, so that nobody
else decides at the same time (docs/decisions/0003-no-place-without-a-lock.md). A pool belongs to
one event, so that one lock is enough for places that several options share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from portal.core.rows.locking import lock
from portal.events.models import Basket, Event, Hold, RegistrationOption
from portal.events.models.programme import least
from portal.events.reading_events import options_of


def lock_events(basket: Basket, *more: Event) -> dict[int, Event]:
    """The events of the basket and these, locked and as they are now, by their keys."""
    in_basket = Q(pk__in=Hold.objects.filter(basket=basket).values("event"))
    rows = Event.objects.filter(in_basket | Q(pk__in=[event.pk for event in more]))
    return {event.pk: event for event in lock(rows)}


class Places:
    """The places left in options of events, without counting what one basket holds: one query."""

    def __init__(self, events: Collection[int], *, at: datetime, besides: Basket) -> None:
        """`events` are their keys: most baskets have one, whose query is kept."""
        if len(events) == 1:
            [event] = events
            self._options = options_of(event, at=at, besides=besides.pk)
        else:
            rows = RegistrationOption.objects.filter(event__in=events)
            self._options = list(rows.with_taken(at, besides=besides.pk))
        self._left = {option.pk: option.own_left for option in self._options}
        self._left_in_pool = {
            option.pool_id: option.pool_left for option in self._options if option.pool_id
        }

    @classmethod
    def for_holds(cls, holds: Iterable[Hold], *, at: datetime, besides: Basket) -> Places:
        """The places in the events of these holds."""
        return cls({hold.event_id for hold in holds}, at=at, besides=besides)

    def options_of(self, event: int) -> list[RegistrationOption]:
        """The options of an event (its key) that are counted."""
        return [option for option in self._options if option.event_id == event]

    def left(self, option: RegistrationOption) -> int | None:
        """Places left of an option, None for no limit: its own, and those of its pool."""
        in_pool = self._left_in_pool.get(option.pool_id) if option.pool_id else None
        return least(self._left[option.pk], in_pool)

    def may_run_out(self, lines: int) -> bool:
        """Whether so many lines could find one of the options full."""
        left = [self.left(option) for option in self._options]
        return any(number is not None and number <= lines for number in left)

    def take(self, option: RegistrationOption) -> bool:
        """Take a place of the option, and of its pool; False where none is left."""
        if self.left(option) == 0:
            return False
        _take_one(self._left, option.pk)
        if option.pool_id:
            _take_one(self._left_in_pool, option.pool_id)
        return True


def _take_one(left: dict[int, int | None], key: int) -> None:
    number = left[key]
    if number is not None:
        left[key] = number - 1
