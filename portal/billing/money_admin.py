"""Money and credit notes in the office: looked up, never typed. They are recorded by acts alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path, reverse
from django.utils.html import format_html

from portal.billing import credit_note_documents
from portal.billing.invoice_documents import PDF
from portal.billing.models import Allocation, CreditNote, Payment, Refund, Reversal, WriteOff
from portal.billing.moving_money_admin import WithMoneyPages, urls_for
from portal.billing.payments import receive
from portal.core.office.pages import OfficePage, ReadOnly, ReadOnlyRows
from portal.core.office.permitting import may, permission_of
from portal.core.web.downloads import download


class AllocationRows(ReadOnlyRows):
    """What was allocated and taken back, each with its sign."""

    model = Allocation
    readonly_fields: ClassVar[Any] = ["to_take_back"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("taken_back")

    @admin.display(description="take back")
    def to_take_back(self, each: Allocation) -> str:
        """The way to the page; nothing for one that was taken back, or to no invoice."""
        is_standing = each.takes_back_id is None and getattr(each, "taken_back", None) is None
        if not is_standing or each.invoice_id is None:
            return ""
        address = reverse("admin:billing_allocation_take-back", args=[each.pk])
        return format_html('<a href="{}">Take back {}</a>', address, each.amount)


class AllocationOfInvoiceInline(AllocationRows):
    fk_name = "invoice"
    fields: ClassVar[Any] = [
        "payment",
        "credit_note",
        "write_off",
        "amount",
        "allocated_at",
        "to_take_back",
    ]


class AllocationOfPaymentInline(AllocationRows):
    fk_name = "payment"
    fields: ClassVar[Any] = [
        "invoice",
        "refund",
        "reversal",
        "amount",
        "allocated_at",
        "to_take_back",
    ]


class AllocationOfCreditNoteInline(AllocationRows):
    fk_name = "credit_note"
    fields: ClassVar[Any] = ["invoice", "refund", "amount", "allocated_at", "to_take_back"]


class AllocationOfRefundInline(AllocationRows):
    fk_name = "refund"
    fields: ClassVar[Any] = ["payment", "credit_note", "amount", "allocated_at"]


class AllocationOfWriteOffInline(AllocationRows):
    fk_name = "write_off"
    fields: ClassVar[Any] = ["invoice", "amount", "allocated_at"]


class MoneyPage(ReadOnly, OfficePage):
    """A kind of movement, with the account that it is on."""

    list_select_related = ["account__person", "account__organisation"]
    search_fields = [
        *("note", "account__person__compared_name", "account__person__email"),
        "account__organisation__compared_name",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("account__person", "account__organisation")


@admin.register(Payment)
class PaymentAdmin(WithMoneyPages, MoneyPage):
    list_display = [
        *("number", "received_on", "account", "amount", "left", "invoices", "recorded_by", "note"),
    ]
    search_fields = [*MoneyPage.search_fields, "allocations__invoice__number"]
    date_hierarchy = "received_on"
    fields: ClassVar[Any] = [
        *("number", "account", "amount", "left", "received_on", "recorded_at", "recorded_by"),
        "note",
    ]
    readonly_fields: ClassVar[Any] = fields
    inlines = [AllocationOfPaymentInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).with_left()
        return rows.prefetch_related("allocations__invoice")

    def get_urls(self) -> list[Any]:
        """With those of allocations, which have no page of their own."""
        return [path("allocations/", include(urls_for(Allocation))), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        begins = []
        if may(request.user, permission_of(receive)):
            begins = [(reverse("admin:billing_payment_receive"), "Record a payment")]
        return super().changelist_view(request, {**(extra_context or {}), "more_pages": begins})

    @admin.display(description="allocated to")
    def invoices(self, payment: Payment) -> str:
        numbers = (str(each.invoice) for each in payment.allocations.all() if each.invoice_id)
        return ", ".join(dict.fromkeys(numbers))

    @admin.display(description="not allocated")
    def left(self, payment: Payment) -> str:
        return str(payment.left)


@admin.register(Reversal)
class ReversalAdmin(MoneyPage):
    list_display = ["reversed_on", "account", "amount", "recorded_by", "note"]
    date_hierarchy = "reversed_on"


@admin.register(Refund)
class RefundAdmin(MoneyPage):
    list_display = ["paid_on", "account", "amount", "recorded_by", "note"]
    date_hierarchy = "paid_on"
    inlines = [AllocationOfRefundInline]


@admin.register(WriteOff)
class WriteOffAdmin(MoneyPage):
    list_display = ["written_off_on", "account", "amount", "recorded_by", "note"]
    date_hierarchy = "written_off_on"
    inlines = [AllocationOfWriteOffInline]


@admin.register(CreditNote)
class CreditNoteAdmin(WithMoneyPages, MoneyPage):
    list_display = ["number", "issued_on", "invoice", "payer_name", "gross", "left"]
    search_fields = [
        *MoneyPage.search_fields[1:],  # a credit note has a reason, and no note
        *("number", "payer_name", "reason", "invoice__number"),
    ]
    date_hierarchy = "issued_on"
    fields: ClassVar[Any] = [
        *("number", "pdf", "invoice", "reason", "account", "billed_to", "issued_at", "tax_point"),
        *("net", "vat", "gross", "left"),
    ]
    readonly_fields: ClassVar[Any] = fields
    inlines = [AllocationOfCreditNoteInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_left().select_related("invoice")

    @admin.display(description="PDF")
    def pdf(self, note: CreditNote) -> str:
        url = reverse("admin:billing_creditnote_pdf", args=[note.pk])
        return format_html('<a href="{}">Download</a>', url)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.pdf_view)
        return [path("<int:pk>/pdf/", view, name="billing_creditnote_pdf"), *super().get_urls()]

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        note: CreditNote = get_object_or_404(self.get_queryset(request), pk=pk)
        name = credit_note_documents.filename(note)
        return download(credit_note_documents.pdf(note), name=name, content_type=PDF)

    @admin.display(description="not allocated")
    def left(self, note: CreditNote) -> str:
        return str(note.left)
