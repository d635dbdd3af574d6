"""An event as a page reads it for somebody, and its options with the places that are taken.

What very many visitors ask: the SQL is kept (core/rows/prepared.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

from django.db.models import BigIntegerField, DateField, DateTimeField, SlugField

from portal.core.dates import on_day
from portal.core.rows.prepared import Prepared
from portal.events.models import Event, RegistrationOption
from portal.people.models import Person

_KEY = BigIntegerField()
A_PAGE = 20  # events of a page of the list


def event_for_account(code: str, *, user: int | None, at: datetime) -> Event | None:
    """With tax, usual terms, `has_parts` and the part of the account's person; None where there is
    no event.
    """
    return _FOR_ACCOUNT.first(code=code, on=on_day(at), user=user)


def event_for_person(code: str, *, person: Person, at: datetime) -> Event | None:
    """As `event_for_account`, of a person."""
    return _FOR_PERSON.first(code=code, on=on_day(at), person=person.pk)


def options_of(event: int, *, at: datetime, besides: int = 0) -> list[RegistrationOption]:
    """The options of an event (its key), `with_taken`."""
    return _OPTIONS.rows(event=event, at=at, besides=besides)


def options_of_page(
    events: Sequence[Event], *, at: datetime
) -> dict[int, list[RegistrationOption]]:
    """The options, `with_taken`, of so many events at most as a page shows, by the event's key."""
    found: dict[int, list[RegistrationOption]] = {event.pk: [] for event in events}
    keys = dict(zip_longest(_KEYS, found))
    for option in _OF_PAGE.rows(at=at, **keys):
        found[option.event_id].append(option)
    return found


_FOR_ACCOUNT = Prepared(
    lambda code, on, user: (
        Event.objects.filter(code=code)
        .with_tax(on)
        .with_terms(on)
        .with_parts()
        .with_part_of_account(user)
    ),
    code=SlugField(),
    on=DateField(),
    user=_KEY,
)
_FOR_PERSON = Prepared(
    lambda code, on, person: (
        Event.objects.filter(code=code).with_tax(on).with_terms(on).with_part_of(person)
    ),
    code=SlugField(),
    on=DateField(),
    person=_KEY,
)
_OPTIONS = Prepared(
    lambda event, at, besides: RegistrationOption.objects.filter(event=event).with_taken(
        at, besides=besides
    ),
    event=_KEY,
    at=DateTimeField(),
    besides=_KEY,
)
_KEYS = [f"event_{number}" for number in range(A_PAGE)]
_OF_PAGE = Prepared(
    lambda at, **keys: RegistrationOption.objects.filter(event__id__in=[*keys.values()]).with_taken(
        at
    ),
    at=DateTimeField(),
    **dict.fromkeys(_KEYS, _KEY),  # type: ignore[arg-type]
)
