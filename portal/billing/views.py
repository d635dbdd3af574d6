"""Invoices and credit notes: summary, print page, PDF; the purchase order number of an invoice.

Who may see them is `for_person` of each.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.billing import balance, credit_note_documents, invoice_documents, purchase_orders, vat
from portal.billing.forms import PurchaseOrderForm
from portal.billing.models import CreditNote, Invoice
from portal.core.dates import short_date, today
from portal.core.web.downloads import download
from portal.people.access import PersonRequest, person_required
from portal.people.lost_form_words import typed_into


def _own(request: PersonRequest, number: str) -> Invoice:
    rows = Invoice.objects.for_person(request.person).with_balance()
    return get_object_or_404(
        rows.select_related("account__person", "account__organisation", "own_purchase_order"),
        number=number,
    )


def _shown(invoice: Invoice) -> dict[str, Any]:
    """What the summary and the print page both show."""
    lines = list(invoice.lines.all())
    return {
        "invoice": invoice,
        "supplier": invoice.supplier,
        "lines": lines,
        "totals": vat.totals(lines),
        "purchase_order": purchase_orders.number_of(invoice),
        "billed_to": invoice.billed_to,
        "settled_on": invoice.settled_on,
        "came_off": invoice.standing.came_off,
        "credit_notes": list(invoice.credit_notes.order_by("pk")) if invoice.credited else [],
        "tone": balance.TONES[invoice.status],
        "tabs": [
            {"text": "Summary", "url": reverse("billing:invoice", args=[invoice.number])},
            {"text": "Print", "url": reverse("billing:print", args=[invoice.number])},
        ],
        "account_tab": "activity",
        "help_reference": f"Invoice {invoice.number}",
    }


@require_safe
@person_required
def invoice(request: PersonRequest, number: str) -> HttpResponse:
    return render(request, "billing/invoice.html", _shown(_own(request, number)))


@require_safe
@person_required
def print_page(request: PersonRequest, number: str) -> HttpResponse:
    shown = _shown(_own(request, number))
    found: Invoice = shown["invoice"]
    facts = [
        ("Invoice number", found.number),
        ("Invoice date", short_date(found.issued_on)),
        ("Tax point", "" if found.tax_point == found.issued_on else short_date(found.tax_point)),
        ("Our VAT number", found.supplier["vat_number"]),
        ("Payment due", short_date(found.due_on)),
        ("Payment reference", found.reference),
        ("Purchase order number", shown["purchase_order"]),
    ]
    shown["facts"] = [(key, value) for key, value in facts if value]
    shown["legal"] = invoice_documents.legal_line(found)
    shown["website"] = invoice_documents.host_of(found.supplier["website"])
    return render(request, "billing/print.html", shown)


@require_safe
@person_required
def pdf(request: PersonRequest, number: str) -> HttpResponse:
    """The invoice as it stands now, as a file."""
    found = _own(request, number)
    content = invoice_documents.pdf(found, on=today())
    return download(
        content, name=invoice_documents.filename(found), content_type=invoice_documents.PDF
    )


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
@typed_into(PurchaseOrderForm)
def purchase_order(request: PersonRequest, number: str) -> HttpResponse:
    """Add or change the number, while the invoice is open."""
    found = _own(request, number)
    form = PurchaseOrderForm(
        request.POST or None,
        number=purchase_orders.number_of(found),
        default=found.account.purchase_order_default,
        owner=str(found.account) if found.account.is_organisation else "",
    )
    if request.method == "POST" and form.is_valid():
        if _is_changed(found, form, request):
            messages.success(request, "The purchase order number is saved.")
            return redirect("billing:invoice", found.number)
    elif found.is_settled:
        messages.info(request, str(purchase_orders.Settled()))
        return redirect("billing:invoice", found.number)
    return render(
        request,
        "billing/purchase_order.html",
        {
            "invoice": found,
            "form": form,
            "has_number": bool(purchase_orders.number_of(found)),
            "help_reference": f"Invoice {found.number}",
        },
    )


def _is_changed(invoice: Invoice, form: PurchaseOrderForm, request: PersonRequest) -> bool:
    """False where the invoice was settled meanwhile: the form says so."""
    try:
        purchase_orders.change(
            invoice,
            number=form.cleaned_data["number"],
            shown=form.cleaned_data["shown"] if "shown" in form.data else None,
            actor=request.person,
            at=timezone.now(),
        )
    except purchase_orders.Settled as error:
        form.add_error(None, str(error))
        return False
    return True


def _own_note(request: PersonRequest, number: str) -> CreditNote:
    rows = CreditNote.objects.for_person(request.person).with_left()
    note: CreditNote = get_object_or_404(rows.select_related("invoice"), number=number)
    return note


def _shown_note(note: CreditNote) -> dict[str, Any]:
    return {
        "note": note,
        "lines": list(note.lines.all()),
        "left": note.left,
        "went_to": credit_note_documents.went_to(note),
        "tabs": [
            {"text": "Summary", "url": reverse("billing:credit_note", args=[note.number])},
            {"text": "Print", "url": reverse("billing:credit_note_print", args=[note.number])},
        ],
        "account_tab": "activity",
        "help_reference": f"Credit note {note.number}",
    }


@require_safe
@person_required
def credit_note(request: PersonRequest, number: str) -> HttpResponse:
    return render(request, "billing/credit_note.html", _shown_note(_own_note(request, number)))


@require_safe
@person_required
def credit_note_print(request: PersonRequest, number: str) -> HttpResponse:
    shown = _shown_note(_own_note(request, number))
    note: CreditNote = shown["note"]
    facts = [
        ("Credit note number", note.number),
        ("Date", short_date(note.issued_on)),
        ("Of invoice", f"{note.invoice.number} of {short_date(note.invoice.issued_on)}"),
        ("Our VAT number", note.supplier["vat_number"]),
    ]
    shown["facts"] = [(key, value) for key, value in facts if value]
    shown["legal"] = invoice_documents.legal_line(note)
    shown["website"] = invoice_documents.host_of(note.supplier["website"])
    return render(request, "billing/credit_note_print.html", shown)


@require_safe
@person_required
def credit_note_pdf(request: PersonRequest, number: str) -> HttpResponse:
    note = _own_note(request, number)
    content = credit_note_documents.pdf(note)
    return download(
        content, name=credit_note_documents.filename(note), content_type=invoice_documents.PDF
    )
