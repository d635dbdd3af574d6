"""Booking in tests: the real acts, with what a test is not about filled in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal.events.booking import submit_order
from portal.events.holding_places import hold_place
from portal.events.models import Basket, Hold, Order, RegistrationOption
from portal.events.order_review import review
from portal.people.models import Person
from tests import factories


def hold(
    option: RegistrationOption,
    attendee: Person,
    *,
    by: Person | None = None,
    at: datetime | None = None,
    **answers: Any,
) -> Basket:
    """Hold a place of the option, booked by the attendee unless told otherwise."""
    return hold_place(
        option.event,
        option=option,
        attendee=attendee,
        booked_by=by or attendee,
        at=at or timezone.now(),
        **{
            "agreed_terms": factories.TERMS,
            "declaration": factories.DECLARATION if option.is_funded else "",
            **answers,
        },
    )


def submit(basket: Basket, *, at: datetime | None = None, **changed: Any) -> Order:
    """Submit the basket as it is, by its owner."""
    at = at or timezone.now()
    given = {
        "actor": basket.owner,
        "purchase_order": "",
        "reviewed": review(basket, at=at).fingerprint,
        "at": at,
    }
    return submit_order(basket, **{**given, **changed})


def order(*options: RegistrationOption, by: Person, at: datetime | None = None) -> Order:
    """Hold a place of each option for this person, and order them."""
    for option in options:
        basket = hold(option, by, at=at)
    return submit(basket, at=at)


def expire(basket: Basket) -> Basket:
    """Let the basket's time run out a minute ago."""
    basket.expires_at = timezone.now() - timedelta(minutes=1)
    basket.save(update_fields=["expires_at"])
    return basket


def held(basket: Basket) -> list[tuple[str, bool]]:
    """The events in the basket, and whether the place of each is lost."""
    return [(h.event.code, h.lost_at is not None) for h in Hold.objects.filter(basket=basket)]
