"""Submitting an order.

Rules (guide, section 7):

- A basket becomes at most one order: submitting it again leads to the same one.
- What is ordered is what was reviewed. If the basket, a price, a date or a place changed
  since, nothing is ordered and the review is shown again.
- Every rule holds again at this moment: the event has not begun, the attendee is not registered
  yet, may take the option on this day, and has a place. An expired hold goes through if its place
  is still free. One line that is refused refuses the whole order.
- The invoice is raised in the same transaction, and needs the booker's address. A free order has
  none. In an order that is partly
  free the free places stand on the invoice at £0.00: whoever pays it sees all that was booked
  and for whom, and the invoice agrees with the order line by line.
- The purchase order number belongs to the invoice only where it differs from the booker's own:
  emptied at checkout, the invoice has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal.billing.accounts import account_of
from portal.billing.invoicing import LineToBill, raise_invoice
from portal.billing.models import Invoice
from portal.core.dates import on_day, short_date
from portal.core.history import record
from portal.core.locking import lock_one
from portal.events import eligibility, emails
from portal.events.eligibility import NotEligible
from portal.events.models import Basket, Order, Registration
from portal.events.places import lock_events
from portal.events.refusals import AddressMissing, AlreadyRegistered, EventFull
from portal.events.review import Line, Review, refuse_what_is_full, review
from portal.membership.standing import NO_MEMBERSHIP, standings

__all__ = ["BasketChanged", "EventFull", "submit_order"]


class BasketChanged(Exception):
    """What would be ordered is not what was reviewed."""

    def __init__(self) -> None:
        super().__init__(
            "Your basket has changed since you looked at it. Nothing has been ordered. "
            "Check it again, then submit the order"
        )


def submit_order(
    basket: Basket, *, actor: object, purchase_order: str, reviewed: str, at: datetime
) -> Order:
    """Order what is in the basket, or return the order that it has become already.

    `reviewed` is the fingerprint of the review that was shown. Raises BasketChanged, the first
    BookingRefused (with `lines`, all that are refused), and NotReady where billing lacks a row.
    """
    with transaction.atomic():
        basket = lock_one(Basket.objects.select_related("owner").filter(pk=basket.pk))
        if basket.closed_at:
            return Order.objects.select_related("invoice").get(basket=basket)
        lock_events(basket)
        now = review(basket, at=at)
        if not now.lines or now.fingerprint != reviewed:
            raise BasketChanged
        _check(now, at)
        return _place(now, actor=actor, purchase_order=purchase_order, at=at)


def _check(now: Review, at: datetime) -> None:
    """Raise the first refusal, with the lines of all of them. The events are locked."""
    refuse_what_is_full(now.lines, now.basket, at=at)
    _refuse_who_may_not(now.lines, at)
    for line in now.lines:
        if line.hold.is_registered:
            line.refusal = AlreadyRegistered(line.hold.attendee, now.basket.owner)
    if now.refused:
        refusal = now.refused[0].refusal or EventFull()
        refusal.lines = [(line.hold.pk, line.refusal) for line in now.refused if line.refusal]
        raise refusal


def _refuse_who_may_not(lines: Iterable[Line], at: datetime) -> None:
    matters = [line.hold for line in lines if eligibility.needs_standing(line.hold.option)]
    on_the_day = standings({hold.attendee_id for hold in matters}, on_day(at)) if matters else {}
    for line in lines:
        try:
            eligibility.check_eligible(
                line.hold.option,
                standing=on_the_day.get(line.hold.attendee_id, NO_MEMBERSHIP),
                declaration=line.hold.declaration,
            )
        except NotEligible as refusal:
            line.refusal = NotEligible(f"{refusal}. Nothing has been ordered.")


def _place(now: Review, *, actor: object, purchase_order: str, at: datetime) -> Order:
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


def _bill(now: Review, actor: object, purchase_order: str, at: datetime) -> Invoice:
    payer = now.basket.owner
    typed = purchase_order.strip()
    invoice = raise_invoice(
        account=account_of(payer, at=at),
        lines=[_to_bill(line) for line in now.lines],
        purchase_order=None if typed == payer.purchase_order_number else typed,
        actor=actor,
        at=at,
    )
    if not invoice.payer_address:  # rolled back, its number with it
        raise AddressMissing
    return invoice


def _to_bill(line: Line) -> LineToBill:
    event, attendee = line.hold.event, line.hold.attendee
    return LineToBill(
        description=f"{event.title}, {short_date(on_day(event.starts))}",
        detail=f"{attendee.full_name}: {line.hold.option.name}",
        net=line.net,
        tax_code=line.tax.code,
        beneficiary=attendee,
    )


def _register(order: Order, now: Review, at: datetime) -> list[Registration]:
    billed = list(order.invoice.lines.all()) if order.invoice else [None] * len(now.lines)
    return Registration.objects.bulk_create(
        Registration(
            order=order,
            invoice_line=invoice_line,
            attendee=line.hold.attendee,
            event=line.hold.event,
            option=line.hold.option,
            special_requirements=line.hold.special_requirements,
            agreed_terms=line.hold.agreed_terms,
            declaration=line.hold.declaration,
            net=line.net,
            registered_at=at,
        )
        for line, invoice_line in zip(now.lines, billed, strict=True)
    )
