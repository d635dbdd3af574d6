"""Billing in the office: settings to edit, issued rows to look up.

Accounts are in account_admin.py, money and credit notes in money_admin.py.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from portal.billing import account_admin, invoice_documents, money_admin
from portal.billing.changing_series import (
    CounterRefused,
    change_series,
    check_counter,
    has_begun,
)
from portal.billing.models import (
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    IssuedDocument,
    SupplierDetails,
    TaxRate,
)
from portal.billing.models.settings import in_percent
from portal.billing.moving_money_admin import WithMoneyPages
from portal.billing.percent import PercentField
from portal.core.dates import today
from portal.core.office.pages import ReadOnly, ReadOnlyRows, by, changed_in
from portal.core.office.settings_pages import DatedForm, DatedPage, RecordedPage
from portal.core.web.downloads import download

__all__ = ["account_admin", "money_admin"]


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
        wanted: int = self.cleaned_data["next_number"]
        try:
            check_counter(wanted)
        except CounterRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return wanted


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(RecordedPage):
    form = InvoiceSeriesForm
    refusals = (CounterRefused,)
    list_display = ["code", "prefix", "next_number"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Once a number was given out the counter is the invoices’ alone: no gap, no repeat."""
        if obj is None:
            return []
        return ["code", "next_number"] if has_begun(obj) else ["code"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            change_series(obj, changes=changed_in(form), **by(request))
        else:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvoiceLineInline(ReadOnlyRows):
    model = InvoiceLine
    fields: ClassVar[Any] = [
        "description",
        "detail",
        "beneficiary",
        "quantity",
        "unit_net",
        "net",
        "vat",
    ]
    readonly_fields: ClassVar[Any] = fields

    @admin.display(description="VAT")
    def vat(self, line: InvoiceLine) -> str:
        return line.tax.rate


SUPPLIER_WORDS = {"vat_number": "VAT number", "iban": "IBAN", "accent": "Brand colour"}


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, WithMoneyPages):
    list_display = ["number", "issued_on", "payer_name", "gross", "balance", "status", "reference"]
    search_fields = [
        *("number", "reference", "payer_name", "account__person__email"),
        *("account__person__compared_name", "account__organisation__compared_name"),
    ]
    date_hierarchy = "issued_on"
    fields: ClassVar[Any] = [
        *("number", "pdf", "status", "balance", "account", "billed_to", "issued_at", "tax_point"),
        *("due_on", "reference", "net", "vat", "gross", "supplier_as_issued"),
    ]
    readonly_fields: ClassVar[Any] = fields
    inlines = [InvoiceLineInline, money_admin.AllocationOfInvoiceInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        mailed = IssuedDocument.objects.exclude(document__content=None)
        return (
            Invoice.objects.with_balance()
            .annotate(is_mailed=Exists(mailed.filter(invoice=OuterRef("pk"))))
            .select_related("account__person", "account__organisation")
        )

    @admin.display(description="PDF")
    def pdf(self, invoice: Any) -> str:
        """As mailed only once it was: until then nobody has it."""
        now = reverse("admin:billing_invoice_pdf", args=[invoice.pk])
        today_link = format_html('<a href="{}">As it is today</a>', now)
        if not invoice.is_mailed:
            return today_link
        mailed = reverse("admin:billing_invoice_mailed", args=[invoice.pk])
        return format_html('{}, <a href="{}">as it was mailed</a>', today_link, mailed)

    @admin.display
    def billed_to(self, invoice: Invoice) -> str:
        return invoice.billed_to

    @admin.display
    def supplier_as_issued(self, invoice: Invoice) -> str:
        shown = []
        for name, kept in invoice.supplier.items():
            value = ", ".join(kept) if isinstance(kept, list) else kept
            if value:
                label = SUPPLIER_WORDS.get(name) or capfirst(name.replace("_", " "))
                shown.append(f"{label}: {value}")
        return "\n".join(shown)

    def get_urls(self) -> list[Any]:
        now, mailed = (self.admin_site.admin_view(view) for view in (self.pdf_now, self.pdf_mailed))
        return [
            path("<int:pk>/pdf/", now, name="billing_invoice_pdf"),
            path("<int:pk>/pdf-as-mailed/", mailed, name="billing_invoice_mailed"),
            *super().get_urls(),
        ]

    def pdf_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The invoice as its payer downloads it today."""
        invoice = self._seen(request, pk)
        content = invoice_documents.pdf(invoice, on=today())
        return download(
            content, name=invoice_documents.filename(invoice), content_type=invoice_documents.PDF
        )

    def pdf_mailed(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The invoice as it was mailed; 404 where it was not."""
        invoice = self._seen(request, pk)
        if not invoice.is_mailed:
            raise Http404
        document = invoice.issued_document.document
        content = bytes(document.content)
        return download(content, name=document.filename, content_type=invoice_documents.PDF)

    def _seen(self, request: HttpRequest, pk: int) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)
