"""Billing in the office: settings to edit, issued rows to look up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from portal.billing.models import (
    Allocation,
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    Payment,
    SupplierDetails,
    TaxRate,
)
from portal.billing.models.settings import in_percent
from portal.billing.percent import PercentField
from portal.core.locking import lock
from portal.core.office import (
    DatedForm,
    DatedPage,
    OfficePage,
    ReadOnly,
    ReadOnlyRows,
    RecordedPage,
)


@admin.register(SupplierDetails)
class SupplierDetailsAdmin(DatedPage):
    list_display = ["valid_from", "account_name", "sort_code", "account_number", "vat_number"]


class TaxRateForm(DatedForm):
    basis_points = PercentField(
        label="Rate, in percent",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "Enter the rate in percent, such as 20."},
        help_text="Such as 20 or 17.5; 0 for zero rate, exempt and outside the scope.",
    )

    class Meta:
        model = TaxRate
        fields = ["code", "valid_from", "basis_points", "reason"]


@admin.register(TaxRate)
class TaxRateAdmin(DatedPage):
    form = TaxRateForm
    fields = ["valid_from", "code", "basis_points", "reason"]
    list_display = ["code", "valid_from", "percent", "reason"]
    list_filter = ["code"]
    ordering = ["code", "-valid_from"]

    @admin.display(description="rate")
    def percent(self, rate: TaxRate) -> str:
        return f"{in_percent(rate.basis_points)}%"


class InvoiceSeriesForm(forms.ModelForm):
    class Meta:
        model = InvoiceSeries
        fields = ["code", "prefix", "next_number"]

    def clean_next_number(self) -> int:
        """Raised where the portal goes on from another system; numbers begin with 1."""
        wanted: int = self.cleaned_data["next_number"]
        if wanted < 1:
            raise forms.ValidationError(
                "Numbers begin with 1: enter 1 or the number to go on from."
            )
        return wanted


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(RecordedPage):
    form = InvoiceSeriesForm
    list_display = ["code", "prefix", "next_number"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Once a number was given out the counter is the invoices’ alone: no gap, no repeat."""
        if obj is None:
            return []
        has_begun = Invoice.objects.filter(series=obj).exists()
        return ["code", "next_number"] if has_begun else ["code"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Lock the counter while it is changed, so that no invoice takes a number meanwhile."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            return next(iter(lock(InvoiceSeries.objects.filter(pk=found.pk))), None)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvoiceLineInline(ReadOnlyRows):
    model = InvoiceLine
    fields = [
        "description",
        "detail",
        "beneficiary",
        "quantity",
        "unit_net",
        "net",
        "tax_code",
        "tax_basis_points",
    ]


class AllocationOfInvoiceInline(ReadOnlyRows):
    model = Allocation
    fields = ["payment", "amount", "allocated_at"]


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, OfficePage):
    list_display = ["number", "issued_on", "payer_name", "gross", "balance", "status", "reference"]
    search_fields = ["number", "reference", "payer_name", "payer__email"]
    date_hierarchy = "issued_on"
    inlines = [InvoiceLineInline, AllocationOfInvoiceInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Invoice.objects.with_balance()


class AllocationOfPaymentInline(ReadOnlyRows):
    model = Allocation
    fields = ["invoice", "amount", "allocated_at"]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, OfficePage):
    list_display = ["received_on", "amount", "invoices", "recorded_by", "note"]
    search_fields = ["note", "allocations__invoice__number"]
    date_hierarchy = "received_on"
    inlines = [AllocationOfPaymentInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("allocations__invoice")

    @admin.display(description="allocated to")
    def invoices(self, payment: Payment) -> str:
        return ", ".join(str(allocation.invoice) for allocation in payment.allocations.all())
