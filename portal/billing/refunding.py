"""Paying back what an account has as credit.

Rules:

- Only credit is paid back: what is left of payments and credit notes, the oldest first. Never more.
- The day is that on which the money left the body's account, not in the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from portal.billing.allocating import Credit, MoneyRefused, lock_accounts, tie
from portal.billing.credit_to_use import credits_of
from portal.billing.models import BillingAccount, Refund
from portal.billing.payments import check_not_future
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
    with transaction.atomic():
        lock_accounts([account.pk])
        usable = [each for each in credits_of(account) if of is None or each == of]
        left = Money.total(each.left for each in usable)
        if amount.pence <= 0:
            raise MoneyRefused("The amount must be more than £0.00.")
        if amount > left:
            whose = f"of {of.number}" if of is not None else f"on the account of {account}"
            raise MoneyRefused(
                f"{amount} is more than the {left} of credit {whose}. Nothing was recorded. An "
                "invoice that was paid and is not owed is credited first (portal credit)."
            )
        check_not_future(paid_on, at, "the money was paid back")
        made = Refund.objects.create(
            account=account,
            amount=amount,
            paid_on=paid_on,
            recorded_at=at,
            recorded_by=str(actor)[:250],
            note=note,
        )
        _take_from(usable, made, at=at)
        record("refunded", account, actor=actor, at=at, amount=str(amount), paid_on=str(paid_on))
    return made


def _take_from(usable: Sequence[Credit], made: Refund, *, at: datetime) -> None:
    """The refund settles the credits in their order, as far as it goes."""
    rest = made.amount
    for each in usable:
        if share := min(each.left, rest):
            tie(each, made, amount=share, at=at)
            rest -= share
