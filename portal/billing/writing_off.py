"""Writing off a debt.

Rules:

- What is still owed on an invoice is written off as a whole, with its reason. The invoice stays as
  it is: who owes too much by mistake gets a credit note, not this (VATREC13040).
- If the money comes after all, the write-off is taken back (allocating.take_back) and the payment
  recorded.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.allocating import (
    MoneyRefused,
    lock_accounts,
    read_again,
    recorded,
    short_words,
    tie,
)
from portal.billing.models import Invoice, WriteOff
from portal.core.dates import on_day
from portal.core.office.permitting import needs
from portal.core.rows.history import record


@needs("billing.add_writeoff")
def write_off(invoice: Invoice, *, reason: str, actor: object, at: datetime) -> WriteOff:
    """Give up what is still owed, on the day of `at`. Raises MoneyRefused."""
    reason = short_words(reason, "reason")
    with transaction.atomic():
        lock_accounts([invoice.account_id])
        invoice = read_again(invoice)
        owed = invoice.balance
        if not reason:
            raise MoneyRefused("Say why it is written off, such as “payer is bankrupt”.")
        if owed.pence <= 0:
            raise MoneyRefused(
                f"Nothing is owed on invoice {invoice.number}, so there is nothing to write off."
            )
        made = WriteOff.objects.create(
            account_id=invoice.account_id,
            amount=owed,
            written_off_on=on_day(at),
            **recorded(reason, actor=actor, at=at),
        )
        tie(made, invoice, amount=owed, at=at)
        record("written off", invoice, actor=actor, at=at, amount=str(owed), reason=reason)
    return made
