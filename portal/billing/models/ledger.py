"""What ties credits to debits, and the sums of it.

A credit is a payment, a credit note or a write-off; a debit an invoice, a refund or the reversal
of a payment. An allocation ties one to one. Rows are only added: what was allocated is taken back
by another row, of the same amount with the sign changed. All sums are over these rows.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.core.money import ZERO, Money, MoneyField
from portal.core.rows.immutable import ImmutableQuerySet, ImmutableRow

CREDITS = ("payment", "credit_note", "write_off")
DEBITS = ("invoice", "refund", "reversal")


def one_of(names: tuple[str, ...]) -> Q:
    """Exactly one of these columns is filled."""
    ways = Q()
    for name in names:
        ways |= Q(**{f"{other}__isnull": other != name for other in names})
    return ways


class AllocationQuerySet(ImmutableQuerySet):
    def standing(self) -> QuerySet[Any]:
        """Those that hold: neither taken back nor the taking back of another."""
        return self.filter(takes_back=None, taken_back=None)


class Allocation(ImmutableRow):
    """The part of a credit that settles a debit. Pence; negative where it takes another back."""

    payment = models.ForeignKey(
        "Payment", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        "CreditNote", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    write_off = models.ForeignKey(
        "WriteOff", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    invoice = models.ForeignKey(
        "Invoice", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    refund = models.ForeignKey(
        "Refund", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    reversal = models.ForeignKey(
        "Reversal", null=True, on_delete=models.PROTECT, related_name="allocations"
    )
    amount = MoneyField()
    allocated_at = models.DateTimeField(default=timezone.now)
    takes_back = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="taken_back"
    )

    objects = AllocationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=one_of(CREDITS), name="allocation_of_one_credit"),
            models.CheckConstraint(condition=one_of(DEBITS), name="allocation_to_one_debit"),
            models.CheckConstraint(
                condition=Q(takes_back=None, amount__gt=0)
                | Q(takes_back__isnull=False, amount__lt=0),
                name="allocation_has_its_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.debit}"

    @property
    def credit(self) -> Any:
        """What is used: a payment, a credit note or a write-off."""
        return self.payment or self.credit_note or self.write_off

    @property
    def debit(self) -> Any:
        """What is settled: an invoice, a refund or a reversal."""
        return self.invoice or self.refund or self.reversal


def summed(model: str, column: str, *, amount: Any = None, **only: Any) -> Coalesce:
    """For a query of rows: the total of those rows of `model` whose `column` names each."""
    sums = (
        apps.get_model("billing", model)
        .objects.filter(**{column: OuterRef("pk")}, **only)
        .order_by()
        .values(column)
        .annotate(total=Sum(F("amount") if amount is None else amount, output_field=MoneyField()))
        .values("total")
    )
    return Coalesce(Subquery(sums), Value(0, output_field=MoneyField()), output_field=MoneyField())


def total_of(rows: QuerySet[Any]) -> Money:
    """The total of some allocations: one query."""
    found: Money | None = rows.aggregate(total=Sum("amount"))["total"]
    return found or ZERO
