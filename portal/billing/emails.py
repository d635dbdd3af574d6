"""The messages of billing."""

from __future__ import annotations

from collections.abc import Sequence

from portal.billing.models import Invoice, InvoiceLine
from portal.core.dates import short_date
from portal.core.links import absolute_url
from portal.core.mail.outbox import queue_mail
from portal.core.models import Document, OutgoingMail


def invoice_raised(
    invoice: Invoice, *, lines: Sequence[InvoiceLine], document: Document
) -> OutgoingMail | None:
    """The invoice with its PDF, to who pays it; none to who has no email address."""
    if not invoice.payer.email:
        return None
    supplier = invoice.supplier
    bank = [
        ("Account name", supplier["account_name"]),
        ("Sort code", supplier["sort_code"]),
        ("Account number", supplier["account_number"]),
        ("IBAN", supplier["iban"]),
        ("Bank", supplier["bank_name"]),
        ("Reference", invoice.reference),
    ]
    return queue_mail(
        "billing/emails/invoice",
        to=invoice.payer.email,
        subject=f"Invoice {invoice.number} from {supplier['name']} (reference {invoice.reference})",
        reference=invoice.number,
        documents=[document],
        priority=OutgoingMail.Priority.USUAL,
        written_at=invoice.issued_at,
        context={
            "invoice": invoice,
            "supplier": supplier,
            "lines": lines,
            "url": absolute_url("billing:invoice", invoice.number),
            "facts": [
                ("Invoice number", invoice.number),
                ("Total to pay", str(invoice.gross)),
                ("Due", short_date(invoice.due_on)),
            ],
            "bank": [(key, value) for key, value in bank if value],
            "cheque_address": "\n".join(supplier["cheque_address"]),
        },
    )
