"""Whether the money of accounts is still as somebody saw it before they said yes.

What moves money only adds rows, so the newest row of each kind tells whether any was added. A form
that is sent twice finds the row that it has added itself.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, Q

from portal.billing.allocating import MoneyRefused, lock_accounts
from portal.billing.models import (
    Allocation,
    CreditNote,
    Invoice,
    Payment,
    Refund,
    Reversal,
    WriteOff,
)


class MovedMeanwhile(MoneyRefused):
    """Money of the account has moved since it was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Something was recorded on this account since you checked this, perhaps by this form "
            "sent twice. Nothing more was recorded. Look at what is there, then check again."
        )


def seen(accounts: Collection[int]) -> str:
    """A mark of the money of accounts, by their keys, as it is now. One query for each kind."""
    keys = [
        kind.objects.filter(account__in=accounts).aggregate(newest=Max("pk"))["newest"]
        for kind in (Invoice, Payment, CreditNote, WriteOff, Refund, Reversal)
    ]
    theirs = Q()
    for side in ("payment", "credit_note", "write_off", "invoice"):
        theirs |= Q(**{f"{side}__account__in": accounts})
    keys.append(Allocation.objects.filter(theirs).aggregate(newest=Max("pk"))["newest"])
    return "-".join(str(key or 0) for key in keys)


def check_as_seen(accounts: Collection[int], mark: str) -> None:
    """Lock the accounts, in the transaction around it. Raises MovedMeanwhile."""
    lock_accounts(accounts)
    if seen(accounts) != mark:
        raise MovedMeanwhile
