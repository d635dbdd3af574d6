"""The messages of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.core.dates import on_day, short_date
from portal.core.mail.kinds import name_kinds
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail
from portal.core.web.links import absolute_url
from portal.events.calendars import calendar_file
from portal.events.models import ChangeNotice, Order, Registration

name_kinds(
    {
        "order": "Order",
        "changed": "Change to an event",
    }
)


def order_placed(order: Order, registrations: Sequence[Registration]) -> OutgoingMail | None:
    """The confirmation, with calendar file, to whoever booked; none to whoever has no email
    address.

    The invoice comes in its own message (billing).
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
        return f"Order {order.number}: {event.title}, {short_date(on_day(registrations[0].begins))}"
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
        # Never the words: mail is read by others, and kept elsewhere.
        facts.append(("Special requirements", "As you gave them"))
    return facts


def event_changed(
    registration: Registration, notice: ChangeNotice, *, after: Mapping[str, str], at: datetime
) -> bool:
    """What has changed, with the newer calendar file, to whoever is registered.

    To who booked where the attendee has no email address; False where neither has one.
    """
    event, order = registration.event, registration.order
    to = registration.attendee if registration.attendee.email else order.booked_by
    if not to.email:
        return False
    heading = f"{'Postponed' if notice.is_postponed else 'Changed'}: {event.title}"
    queue_mail(
        "events/emails/changed",
        to=to.email,
        subject=f"{heading}, {short_date(on_day(registration.begins))}",
        reference=order.number,
        calendar=calendar_file([registration], at=at),
        priority=OutgoingMail.Priority.BULK,
        written_at=at,
        context={
            "heading": heading,
            "to": to,
            "is_own": to == registration.attendee,
            "is_postponed": notice.is_postponed,
            "words": notice.words,
            "registration": registration,
            "event": event,
            "facts": _changed(registration, notice.before, after),
            "url": absolute_url("events:event", event.code),
        },
    )
    return True


def _changed(
    registration: Registration, before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Each fact as it is now, and beneath it what it was where that has changed.

    All sessions stand there only where one of them has changed, and for nobody who takes part in
    some of them: those have their own.
    """
    was, now = _own(registration, before), _own(registration, after)
    facts = []
    for key, value in now.items():
        if value and not (key == "Sessions" and was.get(key) == value):
            facts.append((key, value))
        if was.get(key, "") != value and was.get(key):
            facts.append((f"{key} before", was[key]))
    return facts


def _own(registration: Registration, told: Mapping[str, str]) -> dict[str, str]:
    """The facts of one registration, of those told of the event and of each of its sessions."""
    facts = {key: told[key] for key in ("When", "Where", "Joining link", "Sessions") if key in told}
    if registration.attends:
        theirs = [told.get(f"session {session.pk}", "") for session in registration.attends]
        uk_time = " (UK time)" if registration.event.is_online else ""
        facts["When"] = "; ".join(theirs) + uk_time if all(theirs) else ""
        facts.pop("Sessions", None)
    return facts
