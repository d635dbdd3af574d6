"""What the office has to enter before the portal can bill anybody."""

from __future__ import annotations

from datetime import date

from portal.billing.models import InvoiceSeries, SupplierDetails, TaxCode, TaxRate
from portal.core.dates import short_date

SERIES = "invoice"


class NotReady(Exception):
    """Something that an invoice needs has not been entered yet. Says what, and where."""


def missing(on: date) -> list[str]:
    """A sentence for each thing that billing lacks on this day; empty when it is ready."""
    sentences = []
    supplier = SupplierDetails.objects.in_force(on)
    if supplier is None:
        sentences.append(supplier_missing(on))
    elif supplier.vat_number:
        begun = set(TaxRate.objects.begun(on).values_list("code", flat=True))
        if TaxCode.STANDARD not in begun:
            sentences.append(rate_missing(TaxCode.STANDARD, on))
    if not InvoiceSeries.objects.filter(code=SERIES).exists():
        sentences.append(series_missing(SERIES))
    return sentences


def supplier_missing(on: date) -> str:
    return (
        f"No supplier details hold on {short_date(on)}: enter the bank, the address for cheques "
        "and the VAT number in the office, under Billing, Supplier details."
    )


def rate_missing(code: str, on: date) -> str:
    return (
        f"No VAT rate for “{TaxCode(code).label}” holds on {short_date(on)}: enter it in the "
        "office, under Billing, Tax rates."
    )


def series_missing(code: str) -> str:
    return (
        f"There is no invoice series “{code}”: enter it in the office, under Billing, Invoice "
        "series."
    )
