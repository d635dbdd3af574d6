"""Invoices as issued. What is owed is lines less allocations and is never stored."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.billing.balance import status_of
from portal.billing.models.accounts import BillingAccount
from portal.billing.models.settings import InvoiceSeries, Tax, TaxCode
from portal.core.dates import today
from portal.core.immutable import ImmutableQuerySet, ImmutableRow
from portal.core.models import Document
from portal.core.money import ZERO, Money, MoneyField
from portal.people.models import Person


class InvoiceQuerySet(ImmutableQuerySet):
    def for_person(self, person: Any) -> Self:
        """All that the person may see: their own, and those of organisations that they are the
        verified contact of. The one place that says so."""
        return self.filter(account__in=BillingAccount.objects.seen_by(person))

    def with_balance(self) -> Self:
        """With what is paid, so that `paid`, `balance` and `status` cost no query each."""
        return self.annotate(allocated=_allocated())

    def open(self) -> Self:
        """Something is still owed; the first due first."""
        owing = self.with_balance().filter(allocated__lt=F("net") + F("vat"))
        return owing.order_by("due_on", "sequence")

    def settled(self) -> Self:
        """Nothing is owed any more; the newest first."""
        return self.with_balance().filter(allocated__gte=F("net") + F("vat"))


def _allocated() -> Coalesce:
    """For a query of invoices: what has been allocated to each, as `Money`."""
    sums = (
        apps.get_model("billing", "Allocation")
        .objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return Coalesce(Subquery(sums), Value(0, output_field=MoneyField()), output_field=MoneyField())


class Invoice(ImmutableRow):
    """What was billed, to whom and by whom, as it stood on the day of issue (VATREC5010)."""

    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    reference = models.CharField("payment reference", max_length=18, unique=True)
    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="invoices")
    payer_name = models.CharField(max_length=250)
    attention = models.CharField("for the attention of", max_length=250, blank=True, default="")
    payer_address = models.TextField(blank=True)
    supplier = models.JSONField(help_text="Name, address, numbers, bank: as issued.")
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    tax_point = models.DateField()
    due_on = models.DateField()
    net = MoneyField("total before VAT")
    vat = MoneyField("VAT")

    objects = InvoiceQuerySet.as_manager()  # type: ignore[misc]

    #: What is paid, where `with_balance()` has read it with the row.
    allocated: Money | None = None

    class Meta:
        ordering = ["-issued_on", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="one_number_in_a_series")
        ]
        indexes = [models.Index(fields=["sequence"], name="invoice_sequence")]

    def __str__(self) -> str:
        return self.number

    @property
    def billed_to(self) -> str:
        """Name and address as issued, line by line, with who is to see it at an organisation."""
        return "\n".join(self.payer_lines)

    @property
    def payer_lines(self) -> list[str]:
        attention = [f"For the attention of {self.attention}"] if self.attention else []
        return [self.payer_name, *attention, *self.payer_address.splitlines()]

    @property
    def gross(self) -> Money:
        """The total with VAT, as issued."""
        return self.net + self.vat

    @property
    def paid(self) -> Money:
        """What has been allocated to it. One query, none with `with_balance()`."""
        if self.allocated is not None:
            return self.allocated
        received: Money | None = self.allocations.aggregate(total=Sum("amount"))["total"]
        return received or ZERO

    @property
    def balance(self) -> Money:
        """What is still owed."""
        return self.gross - self.paid

    @property
    def is_settled(self) -> bool:
        return self.balance.pence <= 0

    @property
    def settled_on(self) -> date | None:
        """The day on which the last of the money came in; None while something is owed."""
        if not self.is_settled:
            return None
        latest: date | None = self.allocations.aggregate(day=Max("payment__received_on"))["day"]
        return latest

    @property
    def status(self) -> str:
        """Open, Overdue, Part paid or Paid, as of today."""
        return status_of(self.gross, self.paid, self.due_on, today())

    @property
    def is_vat_invoice(self) -> bool:
        """The body was registered for VAT when it was issued."""
        return bool(self.supplier.get("vat_number"))


class InvoiceLine(ImmutableRow):
    """One thing billed. `unit_net` and `net` are pence before VAT."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=250)
    detail = models.CharField(max_length=250, blank=True)
    beneficiary = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.PositiveIntegerField(default=1)
    unit_net = MoneyField()
    net = MoneyField()
    tax_code = models.CharField(max_length=2, choices=TaxCode)
    tax_basis_points = models.PositiveSmallIntegerField()
    tax_reason = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_line_a_position")
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def tax(self) -> Tax:
        return Tax(self.tax_code, self.tax_basis_points, self.tax_reason)


class InvoicePurchaseOrder(models.Model):
    """The purchase order number of one invoice: its own, or the profile's frozen at settlement.

    Not part of the issued row (guide, section 5): it may be added while the invoice is open.
    """

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, related_name="own_purchase_order"
    )
    number = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number


class IssuedDocument(models.Model):
    """The PDF of an invoice as it was mailed."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, related_name="issued_document"
    )
    document = models.OneToOneField(Document, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.document)
