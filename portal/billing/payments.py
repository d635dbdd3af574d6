"""Recording money that came in, and allocating it to an invoice (guide, section 5).

Rules:

- Payment is by bank transfer or cheque; the office records it with the day it came in, which is
  not in the future.
- At most what is still owed is allocated to the invoice. More is refused, unless the office asks
  to keep the rest: it then stays with the payment, allocated to nothing.
- The same amount of the same day on the same invoice is most likely the same money entered twice:
  it is refused, unless the office says that it is another payment.
- The act that settles an invoice freezes its purchase order number.
- Payments and allocations are never changed. What is owed is worked out, never stored.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from portal.billing import purchase_orders
from portal.billing.models import Allocation, Invoice, Payment
from portal.core.dates import add_years, on_day, short_date
from portal.core.history import record
from portal.core.locking import lock_one
from portal.core.money import Money


class PaymentRefused(Exception):
    """What was given cannot be recorded. The text says why, and what to do."""


class MoreThanOwed(PaymentRefused):
    """The amount is more than is owed, and nobody asked to keep the rest."""

    def __init__(self, amount: Money, owed: Money, invoice: Invoice) -> None:
        super().__init__(
            f"{amount} is {amount - owed} more than the {owed} owed on invoice {invoice.number}. "
            "Nothing was recorded. Give the amount that is owed, or ask to keep the rest "
            "unallocated."
        )


class RecordedAlready(PaymentRefused):
    """A payment of this amount and day is on the invoice already."""

    def __init__(self, amount: Money, received_on: date, invoice: Invoice) -> None:
        super().__init__(
            f"A payment of {amount}, received on {short_date(received_on)}, is on invoice "
            f"{invoice.number} already. Nothing more was recorded. If the same amount came in "
            "twice that day, record it as another payment."
        )


def record_payment(
    invoice: Invoice,
    *,
    amount: Money,
    received_on: date,
    actor: object,
    at: datetime,
    keep_excess: bool = False,
    is_another: bool = False,
    note: str = "",
) -> Payment:
    """Record a payment and allocate it to the invoice; `received_on` is a London date.

    Raises PaymentRefused: an amount of nothing, a date in the future or more than a year before
    the invoice, an invoice that is paid already; MoreThanOwed without `keep_excess`;
    RecordedAlready without `is_another`.
    """
    if amount.pence <= 0:
        raise PaymentRefused("The amount must be more than £0.00.")
    with transaction.atomic():
        locked = lock_one(Invoice.objects.filter(pk=invoice.pk))
        _check_day(received_on, locked, at)
        share = _share(locked, amount, keep_excess)
        if not is_another:
            _check_is_new(locked, amount, received_on)
        payment = Payment.objects.create(
            amount=amount,
            received_on=received_on,
            recorded_at=at,
            recorded_by=str(actor)[:250],
            note=note,
        )
        Allocation.objects.create(payment=payment, invoice=locked, amount=share, allocated_at=at)
        if locked.is_settled:
            purchase_orders.freeze(locked, at=at)
        told = {"amount": str(amount), "allocated": str(share), "received_on": str(received_on)}
        record("payment recorded", locked, actor=actor, at=at, **told)
    return payment


def _check_day(received_on: date, invoice: Invoice, at: datetime) -> None:
    """Not in the future, nor so long ago that the year must be mistyped."""
    if received_on > on_day(at):
        raise PaymentRefused(
            f"{short_date(received_on)} is in the future: give the day on which the money came in."
        )
    if received_on < add_years(invoice.issued_on, -1):
        raise PaymentRefused(
            f"Invoice {invoice.number} was issued on {short_date(invoice.issued_on)}, more than "
            f"a year after {short_date(received_on)}: check the year."
        )


def _share(invoice: Invoice, amount: Money, keep_excess: bool) -> Money:
    """How much of the amount settles the invoice, which is locked."""
    owed = invoice.balance
    if owed.pence <= 0:
        raise PaymentRefused(
            f"Invoice {invoice.number} is paid already: nothing is owed, nothing was recorded."
        )
    if amount > owed and not keep_excess:
        raise MoreThanOwed(amount, owed, invoice)
    return min(amount, owed)


def _check_is_new(invoice: Invoice, amount: Money, received_on: date) -> None:
    same = Payment.objects.filter(amount=amount.pence, received_on=received_on)
    if same.filter(allocations__invoice=invoice).exists():
        raise RecordedAlready(amount, received_on, invoice)
