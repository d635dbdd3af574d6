"""The messages of events."""

from __future__ import annotations

from collections.abc import Sequence

from portal.core.dates import on_day, short_date
from portal.core.links import absolute_url
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail
from portal.events.calendars import calendar_file
from portal.events.models import Order, Registration


def order_placed(order: Order, registrations: Sequence[Registration]) -> OutgoingMail | None:
    """The confirmation, with calendar file, to who booked; none to who has no email address.

    The invoice comes in a message of its own (billing).
    """
    if not order.booked_by.email:
        return None
    return queue_mail(
        "events/emails/order",
        to=order.booked_by.email,
        subject=_subject(order, registrations),
        reference=order.number,
        calendar=calendar_file(registrations, at=order.placed_at),
        priority=OutgoingMail.Priority.USUAL,
        written_at=order.placed_at,
        context={
            "order": order,
            "invoice": order.invoice,
            "places": [
                (registration, _facts(order, registration)) for registration in registrations
            ],
            "url": absolute_url("events:order", order.number),
        },
    )


def _subject(order: Order, registrations: Sequence[Registration]) -> str:
    event = registrations[0].event
    if len(registrations) == 1:
        return f"Order {order.number}: {event.title}, {short_date(on_day(event.starts))}"
    return f"Order {order.number}: {len(registrations)} places"


def _facts(order: Order, registration: Registration) -> list[tuple[str, str]]:
    event = registration.event
    facts = [("When", registration.when)]
    facts.append(("Where", event.place or "Online"))
    if event.online_link:
        facts.append(("Joining link", event.online_link))
    if registration.attendee != order.booked_by:
        facts.append(("Who", registration.attendee.full_name))
    facts.append(("Registration option", registration.option.name))
    if registration.special_requirements:
        facts.append(("Special requirements", registration.special_requirements))
    return facts
