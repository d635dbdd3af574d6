"""The messages of billing."""

from __future__ import annotations

from collections.abc import Sequence

from portal.billing.models import CreditNote, Invoice, InvoiceLine
from portal.core.dates import short_date
from portal.core.mail.kinds import name_kinds
from portal.core.mail.outbox import queue_mail
from portal.core.models import Document, OutgoingMail
from portal.core.money import Money
from portal.core.web.links import absolute_url
from portal.people.models import Person

name_kinds(
    {
        "invoice": "Invoice",
        "credit_note": "Credit note",
    }
)


def invoice_raised(
    invoice: Invoice,
    *,
    to: Sequence[Person],
    lines: Sequence[InvoiceLine],
    document: Document,
) -> list[OutgoingMail]:
    """The invoice with its PDF, to each who is written to and has an email address."""
    supplier = invoice.supplier
    context = {
        "invoice": invoice,
        "supplier": supplier,
        "lines": lines,
        "billed": f"{invoice.payer_name}’s" if invoice.account.is_organisation else "your",
        "url": absolute_url("billing:invoice", invoice.number),
        "facts": _facts(invoice),
        "bank": _bank(invoice),
        "cheque_address": "\n".join(supplier["cheque_address"]),
    }
    return [
        queue_mail(
            "billing/emails/invoice",
            to=person.email,
            subject=f"Invoice {invoice.number} from {supplier['name']} "
            f"(reference {invoice.reference})",
            reference=invoice.number,
            documents=[document],
            priority=OutgoingMail.Priority.USUAL,
            written_at=invoice.issued_at,
            context={**context, "person": person},
        )
        for person in to
        if person.email
    ]


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    payer = invoice.payer_name if invoice.account.is_organisation else ""
    facts = [
        ("Billed to", payer),
        ("Invoice number", invoice.number),
        ("Total to pay", str(invoice.gross)),
        ("Due", short_date(invoice.due_on)),
    ]
    return [(key, value) for key, value in facts if value]


def _bank(invoice: Invoice) -> list[tuple[str, str]]:
    supplier = invoice.supplier
    bank = [
        ("Account name", supplier["account_name"]),
        ("Sort code", supplier["sort_code"]),
        ("Account number", supplier["account_number"]),
        ("IBAN", supplier["iban"]),
        ("Bank", supplier["bank_name"]),
        ("Reference", invoice.reference),
    ]
    return [(key, value) for key, value in bank if value]


def credit_note_issued(
    note: CreditNote, *, to: Sequence[Person], owed: Money, document: Document
) -> list[OutgoingMail]:
    """The credit note with its PDF, to each who is written to. `owed` is still to pay."""
    context = {
        "note": note,
        "owed": owed,
        "left": note.left,
        "url": absolute_url("billing:credit_note", note.number),
        "facts": [
            ("Credit note number", note.number),
            ("Of invoice", note.invoice.number),
            ("Why", note.reason),
            ("Credited", str(note.gross)),
        ],
    }
    return [
        queue_mail(
            "billing/emails/credit_note",
            to=person.email,
            subject=f"Credit note {note.number} from {note.supplier['name']} "
            f"(invoice {note.invoice.number})",
            reference=note.number,
            documents=[document],
            priority=OutgoingMail.Priority.USUAL,
            written_at=note.issued_at,
            context={**context, "person": person},
        )
        for person in to
        if person.email
    ]
