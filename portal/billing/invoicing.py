"""Raising an invoice.

Rules (shared by HMRC's VATREC5010 and the guide, section 5):

- It is raised inside the transaction of what it bills, so neither is ever there without the other.
- Its number is the next of its series. The counter's row is locked until that transaction ends:
  a number is never taken twice, and one that is rolled back is given to the next, so no gap.
- Supplier, bank, payer and address are on it as they were that day, whatever changes later.
- It is to the account: a person, or an organisation “for the attention of” its first contact.
- It is due a number of days after its date (the account's, else supplier details); the tax point
  is its date, which is never before that of the one before it (issue_dates.py).
- It is mailed with its PDF, to each contact of an organisation, and that PDF is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import DateField

from portal.billing import emails, invoice_documents, issue_dates, vat
from portal.billing.accounts import contacts_of
from portal.billing.issue_dates import SERIES
from portal.billing.models import (
    BillingAccount,
    Invoice,
    InvoiceLine,
    InvoicePurchaseOrder,
    InvoiceSeries,
    IssuedDocument,
    SupplierDetails,
)
from portal.billing.readiness import NotReady, series_missing, supplier_missing
from portal.billing.references import make
from portal.core.body.details import BodyMissing, the_body
from portal.core.dates import on_day
from portal.core.models import BodyDetails, Document
from portal.core.money import ZERO, Money
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.core.rows.prepared import Prepared
from portal.people.models import Person

__all__ = ["LineToBill", "NoAddress", "NotReady", "raise_invoice"]


class NoAddress(Exception):
    """An organisation is to be billed, and has no address: nobody would know where it is.

    A person without one is billed by name; who books gives an address first (events).
    """

    def __init__(self, account: BillingAccount) -> None:
        super().__init__(
            f"{account} has no address for invoices. Enter it in the office, under Billing, "
            "Billing accounts."
        )


@dataclass(frozen=True, slots=True)
class LineToBill:
    """One thing to bill. `net` is for one, in pence before VAT; the line is `quantity` of it."""

    description: str
    detail: str
    net: Money
    tax_code: str
    beneficiary: Person | None
    quantity: int = 1


def raise_invoice(
    *,
    account: BillingAccount,
    lines: Sequence[LineToBill],
    purchase_order: str | None,
    actor: object,
    at: datetime,
) -> Invoice:
    """Issue an invoice in the caller's transaction, as its last step, and queue its mail.

    `purchase_order` is the invoice's own number (empty: it has none), None where the account's is
    on it. Raises NotReady where the office has not entered what an invoice needs, NoAddress where
    an organisation has no address, ValueError without lines, TransactionManagementError outside a
    transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("raise_invoice() needs a transaction")
    if not lines:
        raise ValueError("An invoice needs a line")
    contacts = contacts_of(account)
    invoice, rows = _numbered(account, contacts, lines, at)
    invoice.save()
    InvoiceLine.objects.bulk_create(rows)
    shown = _purchase_order(invoice, purchase_order, at)
    content = invoice_documents.data(
        invoice, lines=rows, purchase_order=shown, on=invoice.issued_on
    )
    document = _keep(invoice, content)
    emails.invoice_raised(invoice, to=contacts, lines=rows, document=document)
    invoice.allocated = None
    _remember(invoice, actor, at)
    return invoice


def _numbered(
    account: BillingAccount, contacts: Sequence[Person], lines: Sequence[LineToBill], at: datetime
) -> tuple[Invoice, list[InvoiceLine]]:
    """The invoice as of its own date, with the next number of the series, which stays locked."""
    draft = _drawn_up(account, contacts, lines, at)
    if account.is_organisation and not draft[0].payer_address:
        raise NoAddress(account)
    series = _locked_series()
    moment = issue_dates.moment_in(series, at)
    if on_day(moment) != on_day(at):
        draft = _drawn_up(account, contacts, lines, moment)
    invoice, rows, body = draft
    invoice.issued_at = moment
    _take_number(invoice, series, body)
    return invoice, rows


def _drawn_up(
    account: BillingAccount, contacts: Sequence[Person], lines: Sequence[LineToBill], at: datetime
) -> tuple[Invoice, list[InvoiceLine], BodyDetails]:
    """Who bills whom for what at this moment, without a number yet; and the body as it is then."""
    day = on_day(at)
    body, supplier = supplier_on(day)
    invoice = Invoice(
        account=account,
        payer_name=account.name,
        attention=contacts[0].formal_name if account.is_organisation and contacts else "",
        payer_address=account.billing_address,
        supplier=as_issued(body, supplier),
        issued_at=at,
        issued_on=day,
        tax_point=day,
        due_on=account.due_on(day, usual_days=supplier.payment_days),
    )
    invoice.allocated = ZERO  # nothing yet, so nobody need ask below
    rows = _rows(invoice, lines, day)
    totals = vat.totals(rows)
    invoice.net, invoice.vat = totals.net, totals.vat
    return invoice, rows, body


def _remember(invoice: Invoice, actor: object, at: datetime) -> None:
    """The history has it at the moment that the clock said, and its date where that is another."""
    told = {"total": str(invoice.gross)}
    if invoice.issued_on != on_day(at):
        told["issued_on"] = str(invoice.issued_on)
    record("invoice raised", invoice, actor=actor, at=at, **told)


def _purchase_order(invoice: Invoice, own: str | None, at: datetime) -> str:
    """Keep the invoice's own number, if it has one; returns the one that is on it."""
    if own is None:
        return invoice.account.purchase_order_default
    InvoicePurchaseOrder.objects.create(invoice=invoice, number=own, changed_at=at)
    return own


_SUPPLIER = Prepared(lambda on: SupplierDetails.objects.begun(on)[:1], on=DateField())


def supplier_on(day: date) -> tuple[BodyDetails, SupplierDetails]:
    try:
        body = the_body(day)
    except BodyMissing as error:
        raise NotReady(str(error)) from error
    supplier = _SUPPLIER.first(on=day)
    if supplier is None:
        raise NotReady(supplier_missing(day))
    return body, supplier


def as_issued(body: BodyDetails, supplier: SupplierDetails) -> dict[str, object]:
    return {
        "name": body.name,
        "legal_name": body.legal_name,
        "registered_office": body.registered_office.splitlines(),
        "company_number": body.company_number,
        "charity_number": body.charity_number,
        "vat_number": supplier.vat_number,
        "email": body.office_email,
        "phone": body.office_phone,
        "website": body.website,
        "accent": body.accent,
        "bank_name": supplier.bank_name,
        "account_name": supplier.account_name,
        "sort_code": supplier.sort_code,
        "account_number": supplier.account_number,
        "iban": supplier.iban,
        "cheque_payable_to": supplier.cheque_payable_to,
        "cheque_address": supplier.cheque_address.splitlines(),
    }


def _rows(invoice: Invoice, lines: Sequence[LineToBill], day: date) -> list[InvoiceLine]:
    taxes = vat.taxes_on(day)
    return [
        InvoiceLine(
            invoice=invoice,
            position=position,
            description=line.description,
            detail=line.detail,
            beneficiary=line.beneficiary,
            quantity=line.quantity,
            unit_net=line.net,
            net=line.net * line.quantity,
            tax_code=tax.code,
            tax_basis_points=tax.basis_points,
            tax_reason=tax.reason,
        )
        for position, line in enumerate(lines, start=1)
        for tax in [taxes.tax(line.tax_code)]
    ]


def _locked_series() -> InvoiceSeries:
    """The series, its row locked from here to the end of the transaction. Raises NotReady."""
    try:
        return lock_one(InvoiceSeries.objects.filter(code=SERIES))
    except InvoiceSeries.DoesNotExist:
        raise NotReady(series_missing(SERIES)) from None


def _take_number(invoice: Invoice, series: InvoiceSeries, body: BodyDetails) -> None:
    """The next number of the series, which is locked."""
    invoice.series = series
    invoice.sequence = series.next_number
    invoice.number = series.number(invoice.sequence)
    invoice.reference = make(body.short_name, invoice.number)
    series.next_number += 1
    series.save(update_fields=["next_number"])


def _keep(invoice: Invoice, content: dict[str, object]) -> Document:
    """The document as it is mailed: its data now, its bytes when the mail is sent."""
    document = Document.objects.create(
        filename=invoice_documents.filename(invoice),
        template=invoice_documents.TEMPLATE,
        data=content,
        stamped_at=invoice.issued_at,
    )
    IssuedDocument.objects.create(invoice=invoice, document=document)
    return document
