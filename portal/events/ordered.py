"""The order that an invoice came of: a subquery for lists of billing, which knows of no orders."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from portal.events.models import Order


def own_order(person: Any) -> Subquery:
    """Of an invoice: the key of the order, where the person booked it; nobody else may see it."""
    return Subquery(Order.objects.filter(invoice=OuterRef("pk"), booked_by=person).values("pk")[:1])
