"""Money that came in, and what it settles."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.billing.models.invoices import Invoice
from portal.core.immutable import ImmutableRow
from portal.core.money import MoneyField


class Payment(ImmutableRow):
    """Money that came in. Pence."""

    amount = MoneyField()
    received_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.CharField(max_length=250)
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.received_on}"


class Allocation(ImmutableRow):
    """The part of a payment that settles an invoice. Pence."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = MoneyField()
    allocated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="allocation_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.invoice}"
