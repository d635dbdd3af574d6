"""What is owed: lines less allocations, never stored.

The totals of an invoice are part of the issued row and never change; what has been paid is the
sum of its allocations at the moment of asking.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from portal.core.money import ZERO, Money, MoneyField

if TYPE_CHECKING:
    from portal.billing.models import Invoice

OPEN = "Open"
OVERDUE = "Overdue"
PART_PAID = "Part paid"
PAID = "Paid"


def allocated() -> Coalesce:
    """For a query of invoices: what has been allocated to each, as `Money`."""
    from portal.billing.models import Allocation

    sums = (
        Allocation.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return Coalesce(Subquery(sums), Value(0, output_field=MoneyField()), output_field=MoneyField())


def paid(invoice: Invoice) -> Money:
    """What has been allocated to an invoice; read from the row where `with_balance()` put it."""
    if invoice.allocated is not None:
        return invoice.allocated
    received: Money | None = invoice.allocations.aggregate(total=Sum("amount"))["total"]
    return received or ZERO


def settled_on(invoice: Invoice) -> date | None:
    """The day on which the last of the money came in; None while something is owed."""
    if not invoice.is_settled:
        return None
    latest: date | None = invoice.allocations.aggregate(day=Max("payment__received_on"))["day"]
    return latest


def status(invoice: Invoice, on: date) -> str:
    """Paid; else Overdue from the day after it was due; else Part paid or Open."""
    return status_of(invoice.gross, paid(invoice), invoice.due_on, on)


def status_of(gross: Money, received: Money, due_on: date, on: date) -> str:
    """The same rule, for who has the figures already."""
    if received >= gross:
        return PAID
    if on > due_on:
        return OVERDUE
    return PART_PAID if received else OPEN
