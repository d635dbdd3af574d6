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
from portal.core.locking import lock
from portal.core.office import OfficePage, ReadOnly, ReadOnlyRows


@admin.register(SupplierDetails)
class SupplierDetailsAdmin(OfficePage):
    list_display = ["valid_from", "account_name", "sort_code", "account_number", "vat_number"]
    ordering = ["-valid_from"]


@admin.register(TaxRate)
class TaxRateAdmin(OfficePage):
    list_display = ["code", "valid_from", "percent", "reason"]
    list_filter = ["code"]
    ordering = ["code", "-valid_from"]

    @admin.display(description="rate")
    def percent(self, rate: TaxRate) -> str:
        return f"{rate.basis_points / 100:g}%"


class InvoiceSeriesForm(forms.ModelForm):
    class Meta:
        model = InvoiceSeries
        fields = ["code", "prefix", "next_number"]

    def clean_next_number(self) -> int:
        """A number that was given out is never given out again."""
        wanted = self.cleaned_data["next_number"]
        if self.instance.pk:
            now = InvoiceSeries.objects.values_list("next_number", flat=True)
            lowest = now.get(pk=self.instance.pk)
            if wanted < lowest:
                raise forms.ValidationError(
                    f"The next number is {lowest}. Enter that or a higher one: numbers below it "
                    "have been used."
                )
        return wanted


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(OfficePage):
    form = InvoiceSeriesForm
    list_display = ["code", "prefix", "next_number"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Lock the counter while it is changed, so that no invoice takes a number meanwhile."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            return next(iter(lock(InvoiceSeries.objects.filter(pk=found.pk))), None)
        return found

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what was changed and nothing else."""
        obj.save(update_fields=form.changed_data if change else None)

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
