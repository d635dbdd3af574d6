"""Money that came in or went out, and debts that were given up. Rows are only added."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils import timezone

from portal.billing.models.accounts import BillingAccount
from portal.billing.models.ledger import summed, total_of
from portal.core.money import Money, MoneyField
from portal.core.rows.immutable import ImmutableQuerySet, ImmutableRow


class PaymentQuerySet(ImmutableQuerySet):
    def with_left(self) -> Self:
        """With what is not allocated, so that `left` costs no query each."""
        return self.annotate(allocated=summed("Allocation", "payment"))

    def with_what_is_left(self) -> Self:
        """After `with_left()`: the same in pence, `rest`, for lists of values."""
        left = F("amount") - F("allocated")
        return self.annotate(rest=ExpressionWrapper(left, output_field=models.BigIntegerField()))

    def to_use(self) -> Self:
        """Those of which something is left, the oldest first."""
        left = self.with_left().filter(allocated__lt=F("amount"))
        return left.order_by("received_on", "pk")


class Movement(ImmutableRow):
    """Money, on an account and a London day. Pence."""

    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="%(class)ss")
    amount = MoneyField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.CharField(max_length=250)
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        abstract = True


class Payment(Movement):
    """Money that came in."""

    received_on = models.DateField()

    objects = PaymentQuerySet.as_manager()  # type: ignore[misc]

    #: What is allocated, where `with_left()` has read it with the row.
    allocated: Money | None = None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.received_on}"

    @property
    def number(self) -> str:
        """P000012: what the office calls it."""
        return f"P{self.pk:06d}"

    @property
    def left(self) -> Money:
        """What is allocated to nothing: credit to use. One query, none with `with_left()`."""
        used = self.allocated if self.allocated is not None else total_of(self.allocations.all())
        return self.amount - used


class Reversal(Movement):
    """A payment that the bank took back: a cheque that bounced, a transfer that was recalled."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="reversal")
    reversed_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="reversal_is_positive")
        ]

    def __str__(self) -> str:
        return f"Reversal of {self.payment}"


class Refund(Movement):
    """Money that was paid back."""

    paid_on = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive")]

    def __str__(self) -> str:
        return f"Refund of {self.amount} on {self.paid_on}"


class WriteOff(Movement):
    """A debt that is given up; not a correction of the invoice (VATREC13040). `note` says why.

    Relief on bad debts goes by the later of the tax point and the day due, both on the invoice, and
    by this day (VAT Notice 700/18).
    """

    written_off_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} written off on {self.written_off_on}"
