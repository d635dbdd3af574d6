"""Refunding an account's credit.

Rules:

- Only credit is paid back: what is left of payments and credit notes, the oldest first. Never more.
- The day is that on which the money left the body's account: not in the future, nor before the
  credit that it pays back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction

from portal.billing.allocating import (
    Credit,
    MoneyRefused,
    lock_accounts,
    recorded,
    short_words,
    tie,
)
from portal.billing.credit_to_use import credit_from, credits_of
from portal.billing.models import BillingAccount, Refund
from portal.billing.payments import check_not_future
from portal.core.dates import short_date
from portal.core.money import Money
from portal.core.office.permitting import needs
from portal.core.rows.history import record


@needs("billing.add_refund")
def refund(
    account: BillingAccount,
    *,
    amount: Money,
    paid_on: date,
    actor: object,
    at: datetime,
    note: str = "",
    of: Credit | None = None,
) -> Refund:
    """Record that credit was paid back on a London day: of one credit, or of the oldest first.

    Raises MoneyRefused.
    """
    note = short_words(note, "note")
    with transaction.atomic():
        lock_accounts([account.pk])
        usable = [each for each in credits_of(account) if of is None or each == of]
        whose = f"of {of.number}" if of is not None else f"on the account of {account}"
        _check_amount(amount, Money.total(each.left for each in usable), whose)
        check_not_future(paid_on, at, "the money was paid back")
        shares = list(_shares(usable, amount))
        _check_after(shares, paid_on)
        made = Refund.objects.create(
            account=account,
            amount=amount,
            paid_on=paid_on,
            **recorded(note, actor=actor, at=at),
        )
        for credit, share in shares:
            tie(credit, made, amount=share, at=at)
        record("refunded", account, actor=actor, at=at, amount=str(amount), paid_on=str(paid_on))
    return made


def _check_amount(amount: Money, left: Money, whose: str) -> None:
    if amount.pence <= 0:
        raise MoneyRefused("The amount must be more than £0.00.")
    if amount > left:
        raise MoneyRefused(
            f"{amount} is more than the {left} of credit {whose}. Nothing was recorded. If a paid "
            "invoice should not have been charged, credit it first (portal credit)."
        )


def _shares(usable: Sequence[Credit], amount: Money) -> Iterator[tuple[Credit, Money]]:
    """How much of each credit is paid back, in their order, as far as the amount goes."""
    for each in usable:
        if share := min(each.left, amount):
            yield each, share
            amount -= share


def _check_after(shares: Sequence[tuple[Credit, Money]], paid_on: date) -> None:
    """Nothing is paid back before it came in or was credited."""
    for credit, _ in shares:
        since = credit_from(credit)
        if paid_on < since:
            raise MoneyRefused(
                f"{credit.number} is of {short_date(since)}: nothing of it was paid back on "
                f"{short_date(paid_on)}. Check the date."
            )
