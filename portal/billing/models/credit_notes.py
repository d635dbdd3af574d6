"""Credit notes as issued: each corrects one invoice (VATREC13040)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.expressions import Combinable

from portal.billing.models.accounts import BillingAccount
from portal.billing.models.invoices import Invoice, InvoiceLine, IssuedPaper
from portal.billing.models.ledger import summed, total_of
from portal.billing.models.settings import InvoiceSeries, Tax, TaxCode
from portal.core.money import Money, MoneyField
from portal.core.rows.immutable import ImmutableQuerySet, ImmutableRow
from portal.people.models import Person


class CreditNoteQuerySet(ImmutableQuerySet):
    def for_person(self, person: Person | Combinable) -> Self:
        """All that the person may see: as of invoices."""
        return self.filter(account__in=BillingAccount.objects.seen_by(person))

    def with_left(self) -> Self:
        """With what is not allocated, so that `left` costs no query each."""
        return self.annotate(allocated=summed("Allocation", "credit_note"))

    def with_what_is_left(self) -> Self:
        """After `with_left()`: the same in pence, `rest`, for lists of values."""
        left = F("net") + F("vat") - F("allocated")
        return self.annotate(rest=ExpressionWrapper(left, output_field=models.BigIntegerField()))

    def to_use(self) -> Self:
        """Those of which something is left, the oldest first."""
        return (
            self.with_left().filter(allocated__lt=F("net") + F("vat")).order_by("issued_on", "pk")
        )


class CreditNote(IssuedPaper):
    """What is credited of one invoice, and why. Amounts are positive."""

    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    account = models.ForeignKey(
        BillingAccount, on_delete=models.PROTECT, related_name="credit_notes"
    )
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    reason = models.CharField(max_length=250)
    by_rate = models.JSONField(
        help_text="For each rate: code, basis points, reason, net and VAT in pence."
    )

    objects = CreditNoteQuerySet.as_manager()  # type: ignore[misc]

    #: What is allocated, where `with_left()` has read it with the row.
    allocated: Money | None = None

    class Meta:
        ordering = ["-issued_on", "-sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "sequence"], name="one_credit_note_number_in_a_series"
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0) & Q(vat__gte=0), name="credit_note_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def rates(self) -> list[CreditedRate]:
        """Its VAT by rate; empty where no VAT applies."""
        return [
            CreditedRate(
                Tax(row["code"], row["basis_points"], row["reason"]),
                Money(row["net"]),
                Money(row["vat"]),
            )
            for row in self.by_rate
        ]

    @property
    def left(self) -> Money:
        """What is allocated to nothing: credit to use. One query, none with `with_left()`."""
        used = self.allocated if self.allocated is not None else total_of(self.allocations.all())
        return self.gross - used


@dataclass(frozen=True, slots=True)
class CreditedRate:
    """What a credit note takes off at one rate: a row of its VAT summary."""

    tax: Tax
    net: Money
    vat: Money

    @property
    def label(self) -> str:
        return self.tax.label


class CreditNoteLine(ImmutableRow):
    """What is credited of one line of the invoice. Pence before VAT.

    `quantity` is 0 where an amount is credited, not so many of them.
    """

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    invoice_line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=250)
    detail = models.CharField(max_length=250, blank=True)
    quantity = models.PositiveIntegerField()
    net = MoneyField()
    tax_code = models.CharField(max_length=2, choices=TaxCode)
    tax_basis_points = models.PositiveSmallIntegerField()
    tax_reason = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_note", "position"], name="one_credit_line_a_position"
            ),
            models.UniqueConstraint(
                fields=["credit_note", "invoice_line"], name="one_credit_of_a_line_in_a_note"
            ),
            models.CheckConstraint(condition=Q(net__gt=0), name="credit_line_is_positive"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def tax(self) -> Tax:
        return Tax(self.tax_code, self.tax_basis_points, self.tax_reason)
