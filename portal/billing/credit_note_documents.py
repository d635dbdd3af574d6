"""A credit note as a PDF and what is on it. The PDF that was mailed is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.billing.models import CreditNote, CreditNoteLine
from portal.core.dates import short_date
from portal.core.documents.rendering import render_pdf
from portal.core.models import Document
from portal.core.money import Money

TEMPLATE = "billing/credit_note.typ"


def filename(note: CreditNote) -> str:
    """credit-note-CN-000001.pdf"""
    return f"credit-note-{note.number}.pdf"


def pdf(note: CreditNote) -> bytes:
    """The credit note as it was mailed, whatever became of it since: nothing is written."""
    document: Document = note.issued_document.document
    if document.content is not None:
        return bytes(document.content)
    return render_pdf(document.template, document.data, stamped_at=document.stamped_at)


def went_to(note: CreditNote) -> list[tuple[str, str]]:
    """What became of it on the day of issue, as the document says it: in words and amounts."""
    kept = note.issued_document.document.data
    parts = [(f"Taken off invoice {kept['invoice']}", kept["used"])]
    parts.append(("Credit on the account", kept["left"]))
    return [(text, amount) for text, amount in parts if amount]


def data(note: CreditNote, *, lines: Sequence[CreditNoteLine], used: Money) -> dict[str, Any]:
    """Everything that is on the document, as texts. `used` is taken off the invoice by it."""
    left = note.gross - used
    reasons = dict.fromkeys(rate.tax.reason for rate in note.rates if rate.tax.reason)
    return {
        "number": note.number,
        "invoice": note.invoice.number,
        "invoice_date": short_date(note.invoice.issued_on),
        "reason": note.reason,
        "issued": short_date(note.issued_on),
        "payer": note.payer_lines,
        "supplier": note.supplier,
        "has_vat": note.is_vat_invoice,
        "lines": [_line(line) for line in lines],
        "net": str(note.net),
        "by_rate": [[rate.label, str(rate.net), str(rate.vat)] for rate in note.rates],
        "reasons": list(reasons),
        "gross": str(note.gross),
        "used": str(used) if used else "",
        "left": str(left) if left else "",
    }


def _line(line: CreditNoteLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "detail": line.detail,
        "quantity": str(line.quantity) if line.quantity else "",
        "rate": line.tax.rate,
        "net": str(line.net),
    }
