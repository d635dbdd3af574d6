"""What the pages of events look up inside a query, for each of its rows.

The models that these ask are named as text where their modules import the one that asks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable

from portal.events.models.settings import BookingRules, EventTax


def places_taken(at: datetime, besides: int) -> Combinable:
    """Of an option: registrations that take a place, and live holds without those of one basket."""
    taken = _number(_registrations(), "option", "pk")
    return taken + _number(_holds_of_others(at, besides), "option", "pk")


def left_in_pool(at: datetime, besides: int) -> Combinable:
    """Of an option: the places left of its pool, counted over all its options; NULL without one."""
    taken = _number(_registrations(), "option__pool", "pool")
    held = _number(_holds_of_others(at, besides), "option__pool", "pool")
    return F("pool__places") - taken - held


def tax_code(kind: str, on: date) -> Subquery:
    """How the kind named by a field is taxed on a day."""
    taxes = EventTax.objects.filter(kind=OuterRef(kind)).begun(on)
    return Subquery(taxes.values("tax_code")[:1])


def usual_terms(on: date) -> Subquery:
    """The booking terms of the rules in force on a day."""
    return Subquery(BookingRules.objects.begun(on).values("terms")[:1])


def registration_of(person: Any) -> Subquery:
    """Of an event: the key of the registration by which the person has a place."""
    mine = _registrations().filter(event=OuterRef("pk"), attendee=person)
    return Subquery(mine.order_by().values("pk")[:1])


def hold_of(person: Any) -> Subquery:
    """Of an event: the key of the person's hold in their own basket."""
    mine = _rows("Hold").filter(event=OuterRef("pk"), attendee=person, basket__owner=person)
    return Subquery(mine.order_by().values("pk")[:1])


def has_parts() -> Exists:
    """Whether an event has sessions with names: parts that are entered for themselves."""
    return Exists(_rows("Session").filter(event=OuterRef("pk")).exclude(name=""))


def has_registration(attendee: str, event: str) -> Exists:
    """Whether the attendee is registered for the event, both named by a field."""
    return Exists(_registrations().filter(attendee=OuterRef(attendee), event=OuterRef(event)))


def _rows(model: str) -> Any:
    return apps.get_model("events", model).objects.all()


def _registrations() -> Any:
    return _rows("Registration").taking_a_place()


def _holds_of_others(at: datetime, besides: int) -> Any:
    return _rows("Hold").live(at).exclude(basket=besides)


class _Number(Subquery):
    """How many rows a query has: cheaper to write than a sum by groups."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _number(rows: QuerySet[Any], column: str, outer: str) -> _Number:
    """How many of the rows have in `column` what `outer` names of the row outside."""
    return _Number(rows.filter(**{column: OuterRef(outer)}).order_by().values("pk"))
