"""Finding an invoice from what somebody typed: its number or its payment reference."""

from __future__ import annotations

from portal.billing.issue_dates import CREDIT_SERIES
from portal.billing.models import Invoice, InvoiceSeries
from portal.billing.references import candidates


class InvoiceNotFound(Exception):
    """No one invoice has this number or reference. The text says what was looked for."""


def find_invoice(text: str) -> Invoice:
    """“000123”, “123”, “inv-123” or “IMA-000123-5”, in any case. Raises InvoiceNotFound.

    Of a series with letters before its numbers, the digits alone are enough, unless several
    series have the number.
    """
    wanted = "".join(text.upper().split())
    exact = Invoice.objects.filter(number=wanted).first()
    found = exact or _without_zeros(wanted) or _by_reference(text)
    if found is None:
        raise InvoiceNotFound(
            f"There is no invoice “{text.strip()[:40]}”. Give its number, such as {_example()}, "
            "or its payment reference with the last digit."
        )
    return found


def _without_zeros(wanted: str) -> Invoice | None:
    """The one invoice of this sequence whose number differs only by its zeros and its dash."""
    letters = wanted.rstrip("0123456789")
    digits = wanted[len(letters) :]
    if not 0 < len(digits) <= 9:
        return None
    prefix = letters.rstrip("-")
    same: list[Invoice] = list(Invoice.objects.filter(sequence=int(digits)).order_by("number"))
    for invoice in same:
        if invoice.number.rstrip("0123456789").rstrip("-") == prefix:
            return invoice
    if letters or not same:
        return None
    if len(same) > 1:
        numbers = " and ".join(invoice.number for invoice in same)
        raise InvoiceNotFound(
            f"“{wanted}” could be {numbers}. Give the number with its letters, or the payment "
            "reference."
        )
    return same[0]


def _by_reference(text: str) -> Invoice | None:
    found = candidates(text)
    if len(found) > 1:
        raise InvoiceNotFound(
            f"“{text.strip()[:40]}” could be {' or '.join(each.number for each in found)}. Give "
            "the number itself."
        )
    return found[0] if found else None


def _example() -> str:
    """A number as the body's invoices have it."""
    series = InvoiceSeries.objects.exclude(code=CREDIT_SERIES).order_by("pk").first()
    return series.number(123) if series else "000123"
