"""An invoice as a PDF: what is on it, and the two ways it is made.

As mailed it is a row with its data as of that moment, kept for ever. On the page it is set
afresh, so that a purchase order number and a payment show at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from portal.billing import purchase_orders, vat
from portal.billing.models import Invoice, InvoiceLine
from portal.billing.models.invoices import IssuedPaper
from portal.core.dates import short_date
from portal.core.documents.rendering import render_pdf

TEMPLATE = "billing/invoice.typ"
PDF = "application/pdf"


def filename(invoice: Invoice) -> str:
    """invoice-000123.pdf"""
    return f"invoice-{invoice.number}.pdf"


def pdf(invoice: Invoice, *, on: date) -> bytes:
    """The invoice as it stands now, on a London day. The same state and day, the same bytes."""
    content = data(
        invoice,
        lines=list(invoice.lines.all()),
        purchase_order=purchase_orders.number_of(invoice),
        on=on,
    )
    return render_pdf(TEMPLATE, content, stamped_at=invoice.issued_at)


def legal_line(paper: IssuedPaper) -> str:
    """Who bills: the registered name and its numbers (Companies Act 2006, Charities Act 2011)."""
    supplier = paper.supplier
    numbers = [
        ("company number", supplier["company_number"]),
        ("charity number", supplier["charity_number"]),
        ("VAT number", supplier["vat_number"]),
    ]
    said = [f"{name} {number}" for name, number in numbers if number]
    return ", ".join([supplier["legal_name"], *said]) + "."


def host_of(website: str) -> str:
    """A website as paper shows it: www.example.org."""
    return website.removeprefix("https://").removeprefix("http://").rstrip("/")


def data(
    invoice: Invoice, *, lines: Sequence[InvoiceLine], purchase_order: str, on: date
) -> dict[str, Any]:
    """Everything that is on the document on a London day, as texts."""
    totals = vat.totals(lines)
    tax_point = short_date(invoice.tax_point)
    standing, settled_on = invoice.standing, invoice.settled_on
    return {
        "number": invoice.number,
        "reference": invoice.reference,
        "purchase_order": purchase_order,
        "issued": short_date(invoice.issued_on),
        "tax_point": "" if invoice.tax_point == invoice.issued_on else tax_point,
        "due": short_date(invoice.due_on),
        "pay_by": _pay_by(invoice, on),
        "payer": invoice.payer_lines,
        "supplier": invoice.supplier,
        "has_vat": invoice.is_vat_invoice,
        "lines": [_line(line) for line in lines],
        "net": str(invoice.net),
        "by_rate": [[group.label, str(group.net), str(group.vat)] for group in totals.by_rate],
        "reasons": _reasons(totals),
        "gross": str(invoice.gross),
        "came_off": [[text, str(amount)] for text, amount in standing.came_off],
        "balance": str(standing.owed),
        "is_paid": standing.is_settled,
        "settled_as": standing.status(due_on=invoice.due_on, on=on),
        "paid_on": short_date(settled_on) if settled_on else "",
    }


def _pay_by(invoice: Invoice, on: date) -> str:
    """“by 3 May 2027”; what is overdue on the day is to be paid now."""
    due = short_date(invoice.due_on)
    return f"now: it was due on {due}" if on > invoice.due_on else f"by {due}"


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
