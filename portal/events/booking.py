"""Submitting an order.

Rules (guide, section 7):

- A basket becomes at most one order: submitting it again leads to the same one.
- What is ordered is what was reviewed. If the basket, a price, a date or a place changed
  since, nothing is ordered and the review is shown again.
- Every rule of bookable.py holds again at this moment. An expired hold goes through if its place is
  still free. One line that is refused refuses the whole order.
- The invoice is raised in the same transaction, and needs the booker's address. A free order has
  none. In an order that is partly free the free places are on the invoice at £0.00: whoever pays
  it sees all that was booked and for whom, and the invoice agrees with the order line by line.
- What is typed as purchase order number means what it means on the invoice
  (billing/purchase_orders.py): emptied at checkout, the invoice has none.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.accounts import account_of
from portal.billing.invoicing import LineToBill, raise_invoice
from portal.billing.models import Invoice
from portal.billing.purchase_orders import own_number
from portal.core.dates import on_day, short_date
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.events import emails
from portal.events.counting_places import lock_events
from portal.events.models import Basket, Order, Registration
from portal.events.order_review import Line, Review, review
from portal.events.refusals import AddressMissing
from portal.people.models import Person

__all__ = ["BasketChanged", "submit_order"]


class BasketChanged(Exception):
    """What would be ordered is not what was reviewed."""

    def __init__(self) -> None:
        super().__init__(
            "Your basket has changed since you looked at it. Nothing has been ordered. Check "
            "the basket again, then submit the order"
        )


def submit_order(
    basket: Basket,
    *,
    actor: object,
    purchase_order: str,
    number_shown: str | None = None,
    reviewed: str,
    at: datetime,
) -> Order:
    """Order what is in the basket, or return the order that it has become already.

    `number_shown` stood in the field of the purchase order number before (None: that of the
    details, as it is now). `reviewed` is the fingerprint of the review that was shown. Raises
    BasketChanged, the first BookingRefused (with `lines`, all that are refused), and NotReady where
    billing lacks a row.
    """
    with transaction.atomic():
        basket = lock_one(Basket.objects.select_related("owner").filter(pk=basket.pk))
        if basket.closed_at:
            return Order.objects.select_related("invoice").get(basket=basket)
        lock_events(basket)
        now = review(basket, at=at, is_order=True)
        if not now.lines or now.fingerprint != reviewed:
            raise BasketChanged
        _raise_refusals(now)
        own = _own_number(now, purchase_order.strip(), number_shown)
        return _place(now, actor=actor, purchase_order=own, at=at)


def _raise_refusals(now: Review) -> None:
    """Raise the first refusal, with the lines of all of them."""
    refused = [(line.hold.pk, line.refusal) for line in now.lines if line.refusal]
    if refused:
        first = refused[0][1]
        first.lines = refused
        raise first


def _own_number(now: Review, typed: str, shown: str | None) -> str | None:
    details = now.basket.owner.purchase_order_number
    before = details if shown is None else shown
    return None if typed == before else own_number(typed, default=details)


def _place(now: Review, *, actor: object, purchase_order: str | None, at: datetime) -> Order:
    """Write the order. The invoice's number is taken last: after it rows are only added."""
    basket = now.basket
    basket.holds.all().delete()
    basket.closed_at = at
    basket.save(update_fields=["closed_at"])
    invoice = None if now.is_free else _bill(now, actor, purchase_order, at)
    order = Order.objects.create(
        basket=basket, booked_by=basket.owner, placed_at=at, invoice=invoice
    )
    registrations = _register(order, now, at)
    record("ordered", order, actor=actor, at=at, total=str(now.totals.gross))
    emails.order_placed(order, registrations)
    return order


def _bill(now: Review, actor: object, purchase_order: str | None, at: datetime) -> Invoice:
    payer = now.basket.owner
    invoice = raise_invoice(
        account=account_of(payer, at=at),
        lines=[_to_bill(line) for line in now.lines],
        purchase_order=purchase_order,
        actor=actor,
        at=at,
    )
    if not invoice.payer_address:  # rolled back, its number with it
        raise AddressMissing
    return invoice


def _to_bill(line: Line) -> LineToBill:
    event, attendee = line.hold.event, line.hold.attendee
    return LineToBill(
        description=f"{event.title}, {short_date(on_day(line.hold.begins))}",
        detail=_detail(attendee, line),
        net=line.net,
        tax_code=line.tax.code,
        beneficiary=attendee,
    )


def _detail(attendee: Person, line: Line) -> str:
    """Who, which option, and which of its sessions where they have names of their own."""
    names = ", ".join(session.name for session in line.hold.attends if line.hold.option.choose)
    return f"{attendee.full_name}: {line.hold.option.name}" + (f" ({names})" if names else "")


def _register(order: Order, now: Review, at: datetime) -> list[Registration]:
    billed = list(order.invoice.lines.all()) if order.invoice else [None] * len(now.lines)
    registrations = Registration.objects.bulk_create(
        Registration(
            order=order,
            invoice_line=invoice_line,
            attendee=line.hold.attendee,
            event=line.hold.event,
            option=line.hold.option,
            special_requirements=line.hold.special_requirements,
            agreed_terms=line.hold.agreed_terms,
            declaration=line.hold.declaration,
            is_partial=line.hold.is_partial,
            net=line.net,
            registered_at=at,
        )
        for line, invoice_line in zip(now.lines, billed, strict=True)
    )
    for registration, line in zip(registrations, now.lines, strict=True):
        if line.hold.is_partial:
            registration.attends = line.hold.attends
            registration.sessions.set(line.hold.attends)
    return registrations
