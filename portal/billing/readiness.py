"""What the office has to enter before the portal can bill anybody."""

from __future__ import annotations

from datetime import date

from portal.billing.issue_dates import SERIES, out_of_order
from portal.billing.models import InvoiceSeries, SupplierDetails, TaxCode, TaxRate
from portal.core.dates import short_date
from portal.core.readiness import Lack


class NotReady(Exception):
    """Something that an invoice needs has not been entered yet. Says what, and where."""


def missing(on: date) -> list[str]:
    """A sentence for each thing that billing lacks on this day; empty when it is ready."""
    sentences: list[str] = []
    supplier = SupplierDetails.objects.in_force(on)
    if supplier is None:
        sentences.append(supplier_missing(on))
    if supplier is None or supplier.vat_number:
        begun = set(TaxRate.objects.begun(on).values_list("code", flat=True))
        if TaxCode.STANDARD not in begun:
            lack = rate_missing(TaxCode.STANDARD, on)
            sentences.append(lack if supplier else if_registered(lack))
    if not InvoiceSeries.objects.filter(code=SERIES).exists():
        sentences.append(series_missing(SERIES))
    if told := out_of_order(on):
        sentences.append(told)
    return sentences


def if_registered(lack: Lack) -> Lack:
    """The same for a body that has not said yet whether it is registered for VAT."""
    return Lack(f"For a body registered for VAT, {lack[0].lower()}{lack[1:]}", lack.page)


def supplier_missing(on: date) -> Lack:
    return Lack(
        f"There are no supplier details for {short_date(on)}. Enter the bank, the address for "
        "cheques and the VAT number in the office, under Billing, Supplier details.",
        "admin:billing_supplierdetails_add",
    )


def rate_missing(code: str, on: date) -> Lack:
    return Lack(
        f"There is no VAT rate for “{TaxCode(code).label}” on {short_date(on)}. Enter it in the "
        "office, under Billing, Tax rates.",
        "admin:billing_taxrate_add",
    )


def series_missing(code: str) -> Lack:
    return Lack(
        f"There is no invoice series “{code}”. Enter it in the office, under Billing, Invoice "
        "series.",
        "admin:billing_invoiceseries_add",
    )
