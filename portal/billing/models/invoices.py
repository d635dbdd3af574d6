"""Invoices as issued. What is owed is never stored (portal/billing/balance.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Max
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.billing.balance import OVERDUE, Standing
from portal.billing.models.accounts import BillingAccount
from portal.billing.models.ledger import one_of, summed
from portal.billing.models.settings import InvoiceSeries, Tax, TaxCode
from portal.core.dates import today
from portal.core.models import Document
from portal.core.money import ZERO, Money, MoneyField
from portal.core.rows.immutable import ImmutableQuerySet, ImmutableRow
from portal.people.models import Person


class InvoiceQuerySet(ImmutableQuerySet):
    def for_person(self, person: Person | Combinable) -> Self:
        """All that the person may see: their own, and those of organisations that they are the
        verified contact of. The one place that says so."""
        return self.filter(account__in=BillingAccount.objects.seen_by(person))

    def with_balance(self) -> Self:
        """With all that became of each, so that `standing` and what follows cost no query each."""
        return self.annotate(**{name: total() for name, total in TOTALS.items()})

    def open(self) -> Self:
        """Something is still owed; the first due first."""
        owing = self.with_balance().filter(allocated__lt=F("net") + F("vat"))
        return owing.order_by("due_on", "sequence")

    def settled(self) -> Self:
        """Nothing is owed any more; the newest first."""
        return self.with_balance().filter(allocated__gte=F("net") + F("vat"))


#: What became of an invoice, by the name that it has in `Standing`: for queries of invoices.
TOTALS: dict[str, Callable[[], Coalesce]] = {
    "allocated": lambda: summed("Allocation", "invoice"),
    "by_credit": lambda: summed("Allocation", "invoice", credit_note__isnull=False),
    "by_own_credit": lambda: summed("Allocation", "invoice", credit_note__invoice=F("invoice")),
    "written_off": lambda: summed("Allocation", "invoice", write_off__isnull=False),
    "credited": lambda: summed("CreditNote", "invoice", amount=F("net") + F("vat")),
}


class IssuedPaper(ImmutableRow):
    """What an invoice and a credit note have in common, as it stood on the day of issue."""

    number: Any
    payer_name = models.CharField(max_length=250)
    attention = models.CharField("for the attention of", max_length=250, blank=True, default="")
    payer_address = models.TextField(blank=True)
    supplier = models.JSONField(help_text="Name, address, numbers, bank: as issued.")
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    tax_point = models.DateField()
    net = MoneyField("total before VAT")
    vat = MoneyField("VAT")

    class Meta:
        abstract = True

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
    def is_vat_invoice(self) -> bool:
        """The body was registered for VAT when it was issued."""
        return bool(self.supplier.get("vat_number"))


class Invoice(IssuedPaper):
    """What was billed, to whom and by whom, as it stood on the day of issue (VATREC5010)."""

    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    reference = models.CharField("payment reference", max_length=18, unique=True)
    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="invoices")
    due_on = models.DateField()

    objects = InvoiceQuerySet.as_manager()  # type: ignore[misc]

    # What became of it, where `with_balance()` has read it with the row.
    allocated: Money | None = None
    by_credit: Money = ZERO
    by_own_credit: Money = ZERO
    written_off: Money = ZERO
    credited: Money = ZERO

    class Meta:
        ordering = ["-issued_on", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="one_number_in_a_series")
        ]
        indexes = [models.Index(fields=["sequence"], name="invoice_sequence")]

    def __str__(self) -> str:
        return self.number

    @property
    def standing(self) -> Standing:
        """How it stands now. One query, none with `with_balance()`."""
        row: Invoice = self
        if self.allocated is None:
            row = Invoice.objects.with_balance().only("pk").get(pk=self.pk)
        totals = {name: getattr(row, name) for name in TOTALS}
        return Standing(gross=self.gross, **totals)

    @property
    def paid(self) -> Money:
        """What was paid in money."""
        return self.standing.paid

    @property
    def balance(self) -> Money:
        """What is still owed."""
        return self.standing.owed

    @property
    def is_settled(self) -> bool:
        return self.standing.is_settled

    @property
    def settled_on(self) -> date | None:
        """The day from which its status holds: of its last credit note where it is credited, else
        of the last that settled it. None while something is owed. One query.
        """
        standing = self.standing
        if not standing.is_settled:
            return None
        latest: date | None
        if standing.credited:
            latest = self.credit_notes.aggregate(day=Max("issued_on"))["day"]
        else:
            day = Coalesce(
                "payment__received_on", "credit_note__issued_on", "write_off__written_off_on"
            )
            latest = self.allocations.standing().aggregate(day=Max(day))["day"]
        return latest

    @property
    def is_overdue(self) -> bool:
        """Something is owed, and the day on which it was due is past (London)."""
        return self.status == OVERDUE

    @property
    def status(self) -> str:
        """How it stands today, in a word (portal/billing/balance.py)."""
        return self.standing.status(due_on=self.due_on, on=today())


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
    follows_account = models.BooleanField(
        default=False,
        help_text="It is the account’s number, kept while nothing is owed on the invoice.",
    )

    def __str__(self) -> str:
        return self.number


class IssuedDocument(models.Model):
    """The PDF of an invoice or a credit note as it was mailed."""

    invoice = models.OneToOneField(
        Invoice, null=True, on_delete=models.PROTECT, related_name="issued_document"
    )
    credit_note = models.OneToOneField(
        "CreditNote", null=True, on_delete=models.PROTECT, related_name="issued_document"
    )
    document = models.OneToOneField(Document, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=one_of(("invoice", "credit_note")), name="document_of_one_paper"
            )
        ]

    def __str__(self) -> str:
        return str(self.document)
