"""Allocating credit to invoices, and taking an allocation back.

Rules:

- A credit is a payment or a credit note. What is left of it settles invoices, never more than is
  owed on each, and never more than is left.
- A payment may settle invoices of several accounts (an employer pays for three members by one
  transfer), where that is said; a credit note only those of its own account.
- A credit note settles its own invoice first, also where a payment is taken back from it later:
  else there would be credit for which no money came in.
- Nothing that was allocated is changed: taking it back adds a row. What was paid back to the payer,
  or taken back by the bank, is not to be had again.
- The accounts are locked first, those of the credits and of the invoices, in the order of their
  keys; then all is read again.
- The act that settles an invoice freezes its purchase order number; once something is owed on it
  again the number follows the account’s as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from portal.billing import purchase_orders
from portal.billing.models import Allocation, BillingAccount, CreditNote, Invoice, Payment
from portal.core.money import Money
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock

LONGEST_WORDS = 250  # characters of a note or a reason
Credit = Payment | CreditNote
Row = TypeVar("Row", Payment, CreditNote, Invoice)


class MoneyRefused(Exception):
    """What was asked for cannot be. The text says why, and what to do."""


class AnothersInvoice(MoneyRefused):
    """A payment is of one account, the invoice of another, and nobody said that it is meant so."""

    def __init__(self, credit: Payment, invoice: Invoice) -> None:
        super().__init__(
            f"{credit.number} was paid by {credit.account}, and invoice {invoice.number} is to "
            f"{invoice.payer_name}. Nothing was allocated."
        )


class MoreThanOwed(MoneyRefused):
    """The amount is more than is owed, and nobody asked to keep the rest."""

    def __init__(self, amount: Money, owed: Money, numbers: str) -> None:
        super().__init__(
            f"{amount} is {amount - owed} more than the {owed} owed on {numbers}. Nothing was "
            "recorded."
        )


def short_words(words: str, what: str) -> str:
    """A note or a reason, on one line. Raises MoneyRefused where it is too long to be kept."""
    words = " ".join(words.split())
    if len(words) > LONGEST_WORDS:
        raise MoneyRefused(f"The {what} must be {LONGEST_WORDS} characters or less.")
    return words


def recorded(note: str, *, actor: object, at: datetime) -> dict[str, Any]:
    """What each movement of money keeps of its recording."""
    return {"recorded_at": at, "recorded_by": str(actor)[:250], "note": note}


def lock_accounts(keys: Iterable[int]) -> None:
    """Lock billing accounts by their keys: no money of theirs moves until the transaction ends."""
    lock(BillingAccount.objects.filter(pk__in=set(keys)))


@needs("billing.add_allocation")
def allocate(
    credit: Credit,
    *,
    invoice: Invoice,
    actor: object,
    at: datetime,
    amount: Money | None = None,
    is_for_another: bool = False,
) -> Allocation:
    """Settle an invoice with what is left of a credit: an amount, or as much as goes.

    Raises MoneyRefused; AnothersInvoice unless it is said that the payment is for the invoice of
    another account (`is_for_another`).
    """
    with transaction.atomic():
        lock_accounts([credit.account_id, invoice.account_id])
        credit = type(credit).objects.get(pk=credit.pk)
        invoice = read_again(invoice)
        _check_account(credit, invoice, is_for_another)
        share = _share(credit, invoice, amount)
        made = tie(credit, invoice, amount=share, at=at)
        told = {"amount": str(share), "of": credit.number}
        record("allocated", invoice, actor=actor, at=at, **told)
    return made


@needs("billing.add_allocation")
def take_back(allocation: Allocation, *, actor: object, at: datetime) -> Allocation:
    """Undo an allocation to an invoice: its credit is to use again, and the invoice owed again.

    What was written off is owed again. Raises MoneyRefused.
    """
    with transaction.atomic():
        lock_accounts([allocation.credit.account_id, allocation.debit.account_id])
        allocation = Allocation.objects.get(pk=allocation.pk)
        if allocation.invoice is None:
            raise MoneyRefused(
                f"{allocation.amount} has been paid out of the body’s account, so it cannot be "
                "allocated again."
            )
        if allocation.credit_note and allocation.credit_note.invoice_id == allocation.invoice_id:
            raise MoneyRefused(
                f"Credit note {allocation.credit_note.number} was issued for this invoice, so "
                "it stays allocated to it."
            )
        if not Allocation.objects.standing().filter(pk=allocation.pk).exists():
            raise MoneyRefused(f"The {allocation} has already been taken back.")
        made = untie(allocation, at=at)
        _check_backed(allocation.invoice)
        told = {"amount": str(allocation.amount), "of": str(allocation.credit)}
        record("allocation taken back", allocation.invoice, actor=actor, at=at, **told)
    return made


def tie(credit: object, debit: object, *, amount: Money, at: datetime) -> Allocation:
    """Add the row, with the accounts locked and all checked. Freezes a settled invoice's words."""
    sides = {_column(credit): credit, _column(debit): debit}
    made = Allocation.objects.create(**sides, amount=amount, allocated_at=at)
    if isinstance(debit, Invoice) and read_again(debit).is_settled:
        purchase_orders.freeze(debit, at=at)
    return made


def untie(allocation: Allocation, *, at: datetime) -> Allocation:
    """Add the row that takes one back, with the accounts locked and all checked."""
    sides = {_column(side): side for side in (allocation.credit, allocation.debit)}
    made = Allocation.objects.create(
        **sides, amount=-allocation.amount, allocated_at=at, takes_back=allocation
    )
    if isinstance(allocation.debit, Invoice):
        _settle_by_its_credit_notes(allocation.debit, at)
        if not read_again(allocation.debit).is_settled:
            purchase_orders.thaw(allocation.debit)
    return made


def _settle_by_its_credit_notes(invoice: Invoice, at: datetime) -> None:
    """What credit notes of the invoice have left goes to it before anything else is owed."""
    for note in invoice.credit_notes.all().to_use():
        if share := min(note.left, read_again(invoice).balance):
            tie(note, invoice, amount=share, at=at)


def _check_backed(invoice: Invoice) -> None:
    """Credit is money that came in: so nothing is owed that was credited."""
    stands = read_again(invoice).standing
    if stands.owed > stands.gross - stands.credited:
        raise MoneyRefused(
            f"Invoice {invoice.number} was credited and that credit has been used. First take "
            "the credit back from the invoice it was used for."
        )


def read_again(row: Row) -> Row:
    """As it is now that its account is locked."""
    found: Row = type(row).objects.get(pk=row.pk)
    return found


def _column(side: object) -> str:
    """The column of an allocation for a row: “credit_note” for a CreditNote."""
    name = type(side).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")


def _check_account(credit: Credit, invoice: Invoice, is_for_another: bool) -> None:
    if credit.account_id == invoice.account_id:
        return
    if isinstance(credit, CreditNote):
        raise MoneyRefused(
            f"Credit note {credit.number} belongs to {credit.account}, but invoice "
            f"{invoice.number} belongs to {invoice.account}. Use the credit for an invoice of "
            "the same account, or refund it."
        )
    if not is_for_another:
        raise AnothersInvoice(credit, invoice)


def _share(credit: Credit, invoice: Invoice, amount: Money | None) -> Money:
    """How much of the credit settles the invoice; both are locked."""
    owed, left = invoice.balance, credit.left
    if owed.pence <= 0:
        raise MoneyRefused(f"Nothing is owed on invoice {invoice.number}.")
    if left.pence <= 0:
        is_reversed = isinstance(credit, Payment) and hasattr(credit, "reversal")
        raise MoneyRefused(
            f"{credit.number} was reversed: nothing is left of it."
            if is_reversed
            else f"All of {credit.number} has been allocated."
        )
    share = min(owed, left) if amount is None else amount
    if share.pence <= 0:
        raise MoneyRefused("The amount must be more than £0.00.")
    if share > left:
        raise MoneyRefused(f"{share} is more than the {left} that is left of {credit.number}.")
    if share > owed:
        raise MoneyRefused(f"{share} is more than the {owed} owed on invoice {invoice.number}.")
    return share
