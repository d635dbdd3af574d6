"""Invoices, payments, and what stands on them: supplier, bank, VAT.

Issued rows are immutable. What is owed is lines less allocations and is never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from django.utils import timezone

from portal.billing import balance
from portal.core.dated import DatedQuerySet, DatedRow
from portal.core.dates import today
from portal.core.models import Document
from portal.core.money import Money, MoneyField
from portal.people.models import Person


class Immutable(Exception):
    """An issued row was to be changed or deleted. Correct it with a new document instead."""


class SupplierDetails(DatedRow):
    """Where money is to be sent, and the body's standing for VAT, from a day on."""

    vat_number = models.CharField(
        "VAT number", max_length=20, blank=True, help_text="Empty: not registered for VAT."
    )
    bank_name = models.CharField(max_length=80)
    account_name = models.CharField(max_length=80)
    sort_code = models.CharField(
        max_length=8,
        validators=[RegexValidator(r"^\d{2}-\d{2}-\d{2}$", "Write the sort code as 12-34-56.")],
        help_text="12-34-56",
    )
    account_number = models.CharField(
        max_length=12,
        validators=[RegexValidator(r"^\d{6,12}$", "Write the account number in digits only.")],
    )
    iban = models.CharField("IBAN", max_length=34, blank=True)
    cheque_payable_to = models.CharField("cheques payable to", max_length=120)
    cheque_address = models.TextField(
        "address for cheques", help_text="One line of the address per line."
    )
    payment_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days from the invoice's date until it is due."
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "supplier details"

    def __str__(self) -> str:
        return f"{self.account_name} from {self.valid_from}"


class TaxCode(models.TextChoices):
    """How a thing is taxed: the letters of EN 16931 (UNCL5305)."""

    STANDARD = "S", "Standard rate"
    REDUCED = "AA", "Reduced rate"
    ZERO = "Z", "Zero rate"
    EXEMPT = "E", "Exempt"
    OUTSIDE = "O", "Outside the scope of VAT"


@dataclass(frozen=True, slots=True)
class Tax:
    """How one amount is taxed. The rate in hundredths of a percent; the reason where it is none."""

    code: str
    basis_points: int = 0
    reason: str = ""

    @property
    def rate(self) -> str:
        """“20%”, “17.5%”; “Exempt” and the like where no rate is meant."""
        if self.code in {TaxCode.EXEMPT, TaxCode.OUTSIDE}:
            return "Exempt" if self.code == TaxCode.EXEMPT else "No VAT"
        whole, hundredths = divmod(self.basis_points, 100)
        return f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".") + "%"


class TaxRate(DatedRow):
    """The rate of a tax code from a day on."""

    code = models.CharField(max_length=2, choices=TaxCode)
    basis_points = models.PositiveSmallIntegerField(
        "rate", default=0, help_text="In hundredths of a percent: 2000 is 20%."
    )
    reason = models.CharField(
        max_length=160,
        blank=True,
        help_text="Why no VAT is charged, as it stands on the invoice.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_rate_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} from {self.valid_from}"


class InvoiceSeries(models.Model):
    """A run of numbers without gaps. Its row is locked while a number is taken."""

    code = models.CharField(max_length=20, unique=True, default="invoice")
    prefix = models.CharField(
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]+-?$", "Use capital letters, such as INV or INV-.")],
        help_text="Stands before each number of the series, such as INV-. May be empty.",
    )
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return self.code


class ImmutableQuerySet(models.QuerySet[Any]):
    def update(self, **_: Any) -> NoReturn:
        raise Immutable("Issued rows do not change.")

    def delete(self) -> NoReturn:
        raise Immutable("Issued rows are not deleted.")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Issued rows do not change.")


class ImmutableRow(models.Model):
    """Written once. The database refuses updates too (migration 0002)."""

    objects = ImmutableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("Issued rows do not change.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Issued rows are not deleted.")


class InvoiceQuerySet(ImmutableQuerySet):
    def for_person(self, person: Person) -> Self:
        return self.filter(payer=person)

    def with_balance(self) -> Self:
        """With what is paid, so that `paid`, `balance` and `status` cost no query each."""
        return self.annotate(allocated=balance.allocated())

    def open(self) -> Self:
        """Something is still owed; the first due first."""
        owing = self.with_balance().filter(allocated__lt=F("net") + F("vat"))
        return owing.order_by("due_on", "sequence")

    def settled(self) -> Self:
        """Nothing is owed any more; the newest first."""
        return self.with_balance().filter(allocated__gte=F("net") + F("vat"))


class Invoice(ImmutableRow):
    """What was billed, to whom and by whom, as it stood on the day of issue (VATREC5010)."""

    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    reference = models.CharField("payment reference", max_length=18, unique=True)
    payer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invoices")
    payer_name = models.CharField(max_length=250)
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

    def __str__(self) -> str:
        return self.number

    @property
    def gross(self) -> Money:
        """The total with VAT, as issued."""
        return self.net + self.vat

    @property
    def paid(self) -> Money:
        """What has been allocated to it. One query, none with `with_balance()`."""
        return balance.paid(self)

    @property
    def balance(self) -> Money:
        """What is still owed."""
        return self.gross - self.paid

    @property
    def is_settled(self) -> bool:
        return self.balance.pence <= 0

    @property
    def status(self) -> str:
        """Open, Overdue, Part paid or Paid, as of today."""
        return balance.status(self, today())

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
