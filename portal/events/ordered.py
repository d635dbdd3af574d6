"""The order that an invoice came of, for who booked it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from portal.core.prepared import PreparedQuery
from portal.events.models import Order
from portal.people.models import Person


def orders_by_invoice(person: Person) -> dict[str, int]:
    """The keys of the person's own orders by the number of their invoice: one query."""
    return dict(_ORDERS.rows(person.pk))


def _orders(person: Any) -> QuerySet[Any, Any]:
    billed = Order.objects.filter(booked_by=person).exclude(invoice=None)
    return billed.order_by("pk").values_list("invoice__number", "pk")


_ORDERS = PreparedQuery(_orders)
