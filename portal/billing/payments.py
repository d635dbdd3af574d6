"""Recording money that came in (guide, section 5), and payments that the bank took back.

Rules:

- Payment is by bank transfer or cheque; the office records it with the day it came in, which is
  not in the future.
- It settles no invoice, one, or several in the order given. At most what is owed is allocated to
  each. More is refused, unless the office asks to keep the rest: that is then credit.
- The same amount of the same day for the same invoice or account is most likely the same money
  entered twice: it is refused before anything else, unless the office says that it is another
  payment. What came twice for an invoice that is paid is kept as credit.
- A payment that the bank took back (a cheque that bounced) settles nothing any more: all that it
  was allocated to is owed again.
- Payments and allocations are never changed. What is owed is worked out, never stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from portal.billing.allocating import (
    MoneyRefused,
    MoreThanOwed,
    lock_accounts,
    read_again,
    recorded,
    short_words,
    tie,
    untie,
)
from portal.billing.models import Allocation, BillingAccount, Invoice, Payment, Reversal
from portal.core.dates import add_years, on_day, short_date
from portal.core.money import ZERO, Money
from portal.core.office.permitting import needs
from portal.core.rows.history import record

__all__ = [
    "MoneyRefused",
    "MoreThanOwed",
    "NothingOwed",
    "RecordedAlready",
    "WrittenOff",
    "receive",
    "reverse",
]


class RecordedAlready(MoneyRefused):
    """A payment of this amount and day is there already."""

    def __init__(self, payment: Payment, where: str) -> None:
        super().__init__(
            f"A payment of {payment.amount}, received on {short_date(payment.received_on)}, is "
            f"already recorded for {where}. Nothing more was recorded."
        )


class NothingOwed(MoneyRefused):
    """The invoice is paid or credited already."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(
            f"Nothing is owed on invoice {invoice.number}: it is {invoice.status.lower()}. Nothing "
            "was recorded."
        )


class WrittenOff(MoneyRefused):
    """The debt was given up: money that comes after all goes with taking that back."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(
            f"Invoice {invoice.number} was written off. Nothing was recorded. Take that back "
            "first, then record the payment."
        )


@needs("billing.add_payment")
def receive(
    *,
    amount: Money,
    received_on: date,
    actor: object,
    at: datetime,
    invoices: Sequence[Invoice] = (),
    account: BillingAccount | None = None,
    keep_excess: bool = False,
    is_another: bool = False,
    note: str = "",
) -> Payment:
    """Record a payment of an account, which is that of the first invoice unless it is given.

    `received_on` is a London date. Without invoices all of it is kept as credit. Raises
    MoneyRefused: an amount of nothing, a date in the future or more than a year before an invoice,
    an invoice named twice; NothingOwed; WrittenOff; MoreThanOwed without `keep_excess`;
    RecordedAlready without `is_another`.
    """
    holder = _holder(invoices, account)
    note = short_words(note, "note")
    with transaction.atomic():
        lock_accounts([holder, *(invoice.account_id for invoice in invoices)])
        invoices = [read_again(invoice) for invoice in invoices]
        if not is_another:
            _check_is_new(amount, received_on, invoices, holder)
        if amount.pence <= 0:
            raise MoneyRefused("The amount must be more than £0.00.")
        _check_day(received_on, invoices, at)
        shares = _shares(invoices, amount, keep_excess, is_another)
        payment = Payment.objects.create(
            account_id=holder,
            amount=amount,
            received_on=received_on,
            **recorded(note, actor=actor, at=at),
        )
        _tie_and_tell(payment, shares, actor=actor, at=at)
    return payment


def _holder(invoices: Sequence[Invoice], account: BillingAccount | None) -> int:
    """The key of the account that the payment is of; each invoice is named once."""
    seen = set()
    for invoice in invoices:
        if invoice.pk in seen:
            raise MoneyRefused(f"Invoice {invoice.number} is named twice: name each one once.")
        seen.add(invoice.pk)
    if account is not None:
        return account.pk
    if not invoices:
        raise MoneyRefused("Name the invoice that was paid, or the account of the payer.")
    return invoices[0].account_id


def _tie_and_tell(
    payment: Payment, shares: Sequence[tuple[Invoice, Money]], *, actor: object, at: datetime
) -> None:
    """Allocate the shares. Each invoice has its entry in the history, else the payment has it."""
    told = {"amount": str(payment.amount), "received_on": str(payment.received_on)}
    for invoice, share in shares:
        tie(payment, invoice, amount=share, at=at)
        record("payment recorded", invoice, actor=actor, at=at, **told, allocated=str(share))
    if not shares:
        record("payment recorded", payment, actor=actor, at=at, **told)


@needs("billing.add_reversal")
def reverse(
    payment: Payment, *, reversed_on: date, reason: str, actor: object, at: datetime
) -> Reversal:
    """Record that the bank took a payment back on a London day.

    Raises MoneyRefused: one that was reversed already, or of which some was refunded; a day in the
    future or before it came in; no reason.
    """
    reason = short_words(reason, "reason")
    with transaction.atomic():
        settled = Allocation.objects.filter(payment=payment).exclude(invoice=None)
        accounts = set(settled.values_list("invoice__account", flat=True))
        lock_accounts([payment.account_id, *accounts])
        payment = read_again(payment)
        standing = list(Allocation.objects.standing().filter(payment=payment))
        _check_reversal(payment, standing, reversed_on, reason, at)
        if not {each.debit.account_id for each in standing} <= {payment.account_id, *accounts}:
            raise MoneyRefused(f"{payment.number} has just been used for an invoice. Try again.")
        for each in standing:
            untie(each, at=at)
        made = Reversal.objects.create(
            account_id=payment.account_id,
            payment=payment,
            amount=payment.amount,
            reversed_on=reversed_on,
            **recorded(reason, actor=actor, at=at),
        )
        tie(payment, made, amount=payment.amount, at=at)
        _tell_of_reversal(payment, standing, reason=reason, actor=actor, at=at)
    return made


def _tell_of_reversal(
    payment: Payment, undone: Sequence[Allocation], *, reason: str, actor: object, at: datetime
) -> None:
    """Each invoice that is owed again has its entry in the history, else the payment has it."""
    for each in undone:
        told = {"amount": str(each.amount), "of": payment.number, "reason": reason}
        record("payment reversed", each.debit, actor=actor, at=at, **told)
    if not undone:
        record("payment reversed", payment, actor=actor, at=at, reason=reason)


def _check_reversal(
    payment: Payment, standing: Sequence[Allocation], on: date, reason: str, at: datetime
) -> None:
    if Reversal.objects.filter(payment=payment).exists():
        raise MoneyRefused(f"{payment.number} has already been reversed.")
    refunded = Money.total(each.amount for each in standing if each.refund_id)
    if refunded:
        raise MoneyRefused(
            f"{refunded} of {payment.number} was refunded, so it cannot be reversed. Send a new "
            "invoice for what the payer owes."
        )
    if not reason:
        raise MoneyRefused("Say why it was reversed, such as “cheque bounced”.")
    check_not_future(on, at, "it was taken back")
    if on < payment.received_on:
        raise MoneyRefused(
            f"{payment.number} came in on {short_date(payment.received_on)}, so it cannot have "
            f"been taken back on {short_date(on)}."
        )


def check_not_future(on: date, at: datetime, what: str) -> None:
    """Raises MoneyRefused. `what` is such as “the money came in”."""
    if on > on_day(at):
        raise MoneyRefused(f"{short_date(on)} is in the future. Give the day on which {what}.")


def _check_day(received_on: date, invoices: Sequence[Invoice], at: datetime) -> None:
    """Not in the future, nor so long ago that the year must be mistyped."""
    check_not_future(received_on, at, "the money came in")
    for invoice in invoices:
        if received_on < add_years(invoice.issued_on, -1):
            raise MoneyRefused(
                f"Invoice {invoice.number} was issued on {short_date(invoice.issued_on)}, more "
                f"than a year after {short_date(received_on)}. Check the year."
            )
    if not invoices and received_on < add_years(on_day(at), -6):
        raise MoneyRefused(f"{short_date(received_on)} is more than six years ago. Check the year.")


def _shares(
    invoices: Sequence[Invoice], amount: Money, keep_excess: bool, is_another: bool
) -> list[tuple[Invoice, Money]]:
    """How much settles each invoice; their accounts are locked."""
    balances = [(invoice, invoice.balance) for invoice in invoices]
    may_be_paid = keep_excess and is_another
    for invoice, _ in balances:
        _check_owed(invoice, may_be_paid)
    owed_in_all = Money.total(max(owed, ZERO) for _, owed in balances)
    if invoices and amount > owed_in_all and not keep_excess:
        numbers = " and ".join(invoice.number for invoice in invoices)
        word = "invoice" if len(invoices) == 1 else "invoices"
        raise MoreThanOwed(amount, owed_in_all, f"{word} {numbers}")
    shares = []
    for invoice, owed in balances:
        share = min(max(owed, ZERO), amount)
        amount -= share
        if share:
            shares.append((invoice, share))
    return shares


def _check_owed(invoice: Invoice, may_be_paid: bool) -> None:
    """`may_be_paid`: the money came in once more, and is kept."""
    standing = invoice.standing
    if standing.is_settled and standing.written_off:
        raise WrittenOff(invoice)
    if standing.is_settled and not may_be_paid:
        raise NothingOwed(invoice)


def _check_is_new(
    amount: Money, received_on: date, invoices: Sequence[Invoice], holder: int
) -> None:
    """The same amount of that day: on one of the invoices, or on the account and on no invoice."""
    same = Payment.objects.filter(amount=amount.pence, received_on=received_on, reversal=None)
    standing = Allocation.objects.standing().exclude(invoice=None)
    for invoice in invoices:
        on_it = standing.filter(invoice=invoice).values("payment")
        if found := same.filter(pk__in=on_it).first():
            raise RecordedAlready(found, f"invoice {invoice.number}")
    of_account = same.filter(account=holder)
    if invoices:
        used = standing.exclude(payment=None).values("payment")
        of_account = of_account.filter(~Q(pk__in=used))
    if found := of_account.first():
        raise RecordedAlready(found, f"the account of {found.account} ({found.number})")
