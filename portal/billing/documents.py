"""An invoice as a PDF: what is on it, and the two ways it is made.

As mailed it is a row with its data as of that moment, kept for ever. On the page it is set
afresh, so that a purchase order number and a payment show at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.billing import purchase_orders, vat
from portal.billing.balance import PAID
from portal.billing.models import Invoice, InvoiceLine
from portal.core.dates import short_date
from portal.core.documents.rendering import render_pdf

TEMPLATE = "billing/invoice.typ"


def filename(invoice: Invoice) -> str:
    """invoice-000123.pdf"""
    return f"invoice-{invoice.number}.pdf"


def pdf(invoice: Invoice) -> bytes:
    """The invoice as it stands now. The same state gives the same bytes."""
    content = data(
        invoice,
        lines=list(invoice.lines.all()),
        purchase_order=purchase_orders.number_of(invoice),
    )
    return render_pdf(TEMPLATE, content, stamped_at=invoice.issued_at)


def data(invoice: Invoice, *, lines: Sequence[InvoiceLine], purchase_order: str) -> dict[str, Any]:
    """Everything that is on the document, as texts."""
    totals = vat.totals(lines)
    status = invoice.status
    return {
        "number": invoice.number,
        "reference": invoice.reference,
        "purchase_order": purchase_order,
        "issued": short_date(invoice.issued_on),
        "tax_point": short_date(invoice.tax_point),
        "due": short_date(invoice.due_on),
        "payer": [invoice.payer_name, *invoice.payer_address.splitlines()],
        "supplier": invoice.supplier,
        "has_vat": invoice.is_vat_invoice,
        "lines": [_line(line) for line in lines],
        "net": str(invoice.net),
        "by_rate": [[group.label, str(group.net), str(group.vat)] for group in totals.by_rate],
        "reasons": _reasons(totals),
        "gross": str(invoice.gross),
        "paid": str(invoice.paid) if invoice.paid else "",
        "balance": str(invoice.balance),
        "is_paid": status == PAID,
    }


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "detail": line.detail,
        "quantity": line.quantity,
        "unit": str(line.unit_net),
        "rate": line.tax.rate,
        "net": str(line.net),
    }


def _reasons(totals: vat.Totals) -> list[str]:
    """Why no VAT is charged, each reason once."""
    return list(dict.fromkeys(g.tax.reason for g in totals.by_rate if g.tax.reason))
