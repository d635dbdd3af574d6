"""Issuing a credit note (VATREC13040; VAT Regulations 1995, regulation 15C).

Rules:

- A credit note corrects one invoice, which it names, for a reason. It is not for debts that nobody
  pays: they are written off (writing_off.py).
- It is of the whole invoice, or of lines: all that is left of a line, so many of it, or an amount.
  Never more than is left of a line after what was credited before, in money or in number.
- VAT is that of the line, as it was invoiced. What it comes to is how much less VAT there is on
  what is left of the invoice: so the parts of an invoice never credit a penny too much or too few.
- What was written off is owed again before it is credited: nobody paid it, so it is not credit.
- It settles what is still owed on its invoice. The rest (the invoice was paid) is credit of the
  account: for the next invoice, or to be refunded.
- Its numbers are their own series, without gaps, and its dates run with them (issue_dates.py).
- It is mailed with its PDF, as the invoice is, and that PDF is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from portal.billing import credit_note_documents, emails, issue_dates
from portal.billing.accounts import contacts_of
from portal.billing.allocating import (
    MoneyRefused,
    lock_accounts,
    read_again,
    short_words,
    tie,
)
from portal.billing.invoicing import as_issued, supplier_on
from portal.billing.issue_dates import CREDIT_SERIES
from portal.billing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    IssuedDocument,
    Tax,
    TaxCode,
)
from portal.core.dates import on_day
from portal.core.models import Document
from portal.core.money import ZERO, Money
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one

PREFIX = "CN-"


@dataclass(frozen=True, slots=True)
class LineCredit:
    """What to credit of the line at a position, from 1: so many, or an amount in pence before VAT;
    neither: all that is left of it."""

    position: int
    quantity: int | None = None
    net: Money | None = None


@dataclass(slots=True)
class Left:
    """A line of the invoice, with what is left of it."""

    line: InvoiceLine
    net: Money
    quantity: int


@needs("billing.add_creditnote")
def issue_credit_note(
    invoice: Invoice,
    *,
    reason: str,
    actor: object,
    at: datetime,
    lines: Sequence[LineCredit] | None = None,
) -> CreditNote:
    """Credit lines of an invoice, or all that is left of it (`lines` is None), and mail it.

    Raises MoneyRefused, and NotReady where the body or its bank details are missing.
    """
    reason = short_words(reason, "reason")
    if not reason:
        raise MoneyRefused(
            "Say why you are crediting it. The reason is printed on the credit note."
        )
    with transaction.atomic():
        lock_accounts([invoice.account_id])
        invoice = read_again(invoice)
        _check_not_written_off(invoice)
        left = left_of(invoice)
        rows = _rows(left, _wanted(invoice, left, lines))
        note = _drawn_up(invoice, left, rows, reason, at)
        share = min(note.gross, max(invoice.balance, ZERO))
        contacts = contacts_of(invoice.account)
        _number(note, at)
        _keep_lines(note, rows)
        if share:
            tie(note, invoice, amount=share, at=at)
        document = _keep(note, rows, share)
        emails.credit_note_issued(note, to=contacts, owed=invoice.balance, document=document)
        told = {"credit_note": note.number, "amount": str(note.gross), "reason": reason}
        record("credited", invoice, actor=actor, at=at, **told)
    return note


def _check_not_written_off(invoice: Invoice) -> None:
    if invoice.standing.written_off:
        raise MoneyRefused(
            f"Invoice {invoice.number} was written off, so there is nothing to credit. Take the "
            f"write-off back first: portal payment allocate write-off {invoice.number} --take-back."
        )


def _keep_lines(note: CreditNote, rows: Sequence[CreditNoteLine]) -> None:
    for row in rows:
        row.credit_note = note
    CreditNoteLine.objects.bulk_create(rows)


def left_of(invoice: Invoice) -> list[Left]:
    """Each line of an invoice with what is left of it: two queries."""
    sums = (
        CreditNoteLine.objects.filter(invoice_line__invoice=invoice)
        .order_by()
        .values("invoice_line")
        .annotate(total=Sum("net"), many=Sum("quantity"))
    )
    credited = {row["invoice_line"]: (row["total"], row["many"]) for row in sums}
    found = []
    for line in invoice.lines.all():
        net, quantity = credited.get(line.pk, (ZERO, 0))
        found.append(Left(line, line.net - net, line.quantity - quantity))
    return found


def _wanted(
    invoice: Invoice, left: Sequence[Left], lines: Sequence[LineCredit] | None
) -> Sequence[LineCredit]:
    """What to credit, line by line. Raises MoneyRefused where nothing is left."""
    if lines is None:
        lines = [LineCredit(each.line.position) for each in left if each.net]
    if not lines:
        raise MoneyRefused(f"All of invoice {invoice.number} has already been credited.")
    positions = [each.position for each in lines]
    there = {each.line.position for each in left}
    for position in positions:
        if position not in there:
            raise MoneyRefused(
                f"Invoice {invoice.number} has no line {position}. Its lines are 1 to {len(left)}."
            )
        if positions.count(position) > 1:
            raise MoneyRefused(f"Line {position} is given twice. Give each line once.")
    return lines


def _rows(left: Sequence[Left], wanted: Sequence[LineCredit]) -> list[CreditNoteLine]:
    by_position = {each.line.position: each for each in left}
    rows = []
    for number, each in enumerate(wanted, start=1):
        found = by_position[each.position]
        net, quantity = _part(found, each)
        line = found.line
        rows.append(
            CreditNoteLine(
                invoice_line=line,
                position=number,
                description=line.description,
                detail=line.detail,
                quantity=quantity,
                net=net,
                tax_code=line.tax_code,
                tax_basis_points=line.tax_basis_points,
                tax_reason=line.tax_reason,
            )
        )
    return rows


def _part(left: Left, wanted: LineCredit) -> tuple[Money, int]:
    """How much of a line, and how many of it (0: an amount). Raises MoneyRefused."""
    name = f"line {wanted.position} ({left.line.description})"
    if left.net.pence <= 0:
        raise MoneyRefused(f"All of {name} has already been credited.")
    if wanted.quantity is not None:
        if not 1 <= wanted.quantity <= left.quantity:
            raise MoneyRefused(
                f"Credit from 1 to {left.quantity} of {name}: {wanted.quantity} cannot be credited."
            )
        net, quantity = left.line.unit_net * wanted.quantity, wanted.quantity
    elif wanted.net is not None:
        net, quantity = wanted.net, 0
    else:
        is_whole = left.net == left.line.unit_net * left.quantity
        net, quantity = left.net, left.quantity if is_whole else 0
    if net.pence <= 0:
        raise MoneyRefused(f"The amount of {name} must be more than £0.00.")
    if net > left.net:
        raise MoneyRefused(f"{net} is more than the {left.net} before VAT that is left of {name}.")
    return net, quantity


def _drawn_up(
    invoice: Invoice,
    left: Sequence[Left],
    rows: Sequence[CreditNoteLine],
    reason: str,
    at: datetime,
) -> CreditNote:
    """The note without its number and date."""
    by_rate = _by_rate(left, rows)
    shown = [row for row in by_rate if row["code"] != TaxCode.OUTSIDE]
    return CreditNote(
        account_id=invoice.account_id,
        invoice=invoice,
        reason=reason,
        payer_name=invoice.payer_name,
        attention=invoice.attention,
        payer_address=invoice.payer_address,
        supplier=_supplier_on(on_day(at), invoice),
        net=Money.total(row.net for row in rows),
        vat=Money.total(Money(int(row["vat"])) for row in by_rate),
        by_rate=by_rate if shown else [],
    )


def _supplier_on(day: date, invoice: Invoice) -> dict[str, object]:
    """Who credits, as on this London day; the VAT that it corrects was charged under the number on
    the invoice."""
    body, supplier = supplier_on(day)
    return {**as_issued(body, supplier), "vat_number": invoice.supplier["vat_number"]}


def _by_rate(left: Sequence[Left], rows: Sequence[CreditNoteLine]) -> list[dict[str, str | int]]:
    """By how much the VAT on what is left of the invoice falls, for each rate (highest first)."""
    before: dict[Tax, Money] = {}
    for each in left:
        before[each.line.tax] = before.get(each.line.tax, ZERO) + each.net
    off: dict[Tax, Money] = {}
    for row in rows:
        off[row.tax] = off.get(row.tax, ZERO) + row.net
    taxes = sorted(off, key=lambda tax: (-tax.basis_points, tax.code, tax.reason))
    return [
        {
            "code": tax.code,
            "basis_points": tax.basis_points,
            "reason": tax.reason,
            "net": off[tax].pence,
            "vat": (tax.of(before[tax]) - tax.of(before[tax] - off[tax])).pence,
        }
        for tax in taxes
    ]


def _number(note: CreditNote, at: datetime) -> None:
    """Give it the next number, and the date that goes with it; the series is locked last."""
    InvoiceSeries.objects.get_or_create(code=CREDIT_SERIES, defaults={"prefix": PREFIX})
    series = lock_one(InvoiceSeries.objects.filter(code=CREDIT_SERIES))
    note.issued_at = issue_dates.moment_in(series, at)
    note.issued_on = note.tax_point = on_day(note.issued_at)
    note.series = series
    if note.issued_on != on_day(at):
        note.supplier = _supplier_on(note.issued_on, note.invoice)
    note.sequence = series.next_number
    note.number = series.number(note.sequence)
    series.next_number += 1
    series.save(update_fields=["next_number"])
    note.save()


def _keep(note: CreditNote, rows: Sequence[CreditNoteLine], used: Money) -> Document:
    """The document as it is mailed: its data now, its bytes when the mail is sent."""
    document = Document.objects.create(
        filename=credit_note_documents.filename(note),
        template=credit_note_documents.TEMPLATE,
        data=credit_note_documents.data(note, lines=rows, used=used),
        stamped_at=note.issued_at,
    )
    IssuedDocument.objects.create(credit_note=note, document=document)
    return document
