"""The one thing that a person should do next, as their front page says it. Nothing else chooses it.

The first of these that holds:

1. something is in the basket: its places are kept for minutes only;
2. an event of theirs is on, or is today;
3. an invoice of their own is overdue;
4. their membership is in its days of grace;
5. an invoice of their organisation is overdue;
6. an invoice of their own is open;
7. an invoice of their organisation is open;
8. they were a member, and are none now;
9. an event of theirs is to come;
10. none of it: they find something to book.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from portal.billing.owing import Owed
from portal.core.dates import on_day, short_date
from portal.home.front_page import Overview


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, why, and the link that leads there; or the subject of a letter to the office."""

    title: str
    text: str
    link_text: str
    url: str = ""
    subject: str = ""


def next_step(found: Overview, *, at: datetime) -> Step:
    """There always is one."""
    return next(_steps(found, at))


def _steps(found: Overview, at: datetime) -> Iterator[Step]:
    yield from _in_basket(found)
    yield from _event(found, at, is_today=True)
    yield from _to_pay(found.owed, is_overdue=True)
    yield from _renew(found)
    for owed in found.owed_by_others:
        yield from _to_pay(owed, is_overdue=True)
    for each in (found.owed, *found.owed_by_others):
        yield from _to_pay(each, is_overdue=False)
    yield from _join_again(found)
    yield from _event(found, at, is_today=False)
    yield Step(
        "Find your next event",
        "Training courses, webinars and conference that you can book now.",
        "Find training and events",
        reverse("events:list"),
    )


def _in_basket(found: Overview) -> Iterator[Step]:
    if found.in_basket:
        places = "One place is" if found.in_basket == 1 else f"{found.in_basket} places are"
        yield Step(
            "Finish your order",
            f"{places} in your basket, and not ordered yet.",
            "Go to your basket",
            reverse("events:basket"),
        )


def _event(found: Overview, at: datetime, *, is_today: bool) -> Iterator[Step]:
    registration = found.next_registration
    if registration is None or (on_day(registration.event.starts) <= on_day(at)) != is_today:
        return
    event = registration.event
    page = reverse("events:event", args=[event.code])
    if not is_today:
        yield Step("Your next event", f"{event.title}: {event.when}.", "See the event", page)
    elif event.online_link:
        text = f"{event.title}: {event.when}."
        yield Step("Your event is today", text, "Join online", event.online_link)
    else:
        text = f"{event.title}: {event.when}, {event.place}."
        yield Step("Your event is today", text, "See the event", page)


def _to_pay(owed: Owed | None, *, is_overdue: bool) -> Iterator[Step]:
    if owed is None or bool(owed.overdue) != is_overdue:
        return
    first = owed.first
    whose = f"{owed.organisation}: invoice" if owed.organisation else "Invoice"
    if is_overdue:
        title = "Pay an overdue invoice"
        due = f"was due on {short_date(first.due_on)}"
    else:
        title, due = "Pay your invoice", f"is due on {short_date(first.due_on)}"
        if owed.organisation:
            title = "Pay your organisation’s invoice"
    yield Step(
        title,
        f"{whose} {first.number}: {first.balance} {due}.",
        "See how to pay",
        reverse("billing:invoice", args=[first.number]),
    )


def _renew(found: Overview) -> Iterator[Step]:
    standing = found.standing
    if standing.in_grace and standing.expires_on:
        yield Step(
            "Renew your membership",
            f"It ended on {short_date(standing.expires_on)}. "
            "Renew it soon to keep your member prices.",
            "Write to the office",
            subject=f"Renewing, membership number {standing.number}",
        )


def _join_again(found: Overview) -> Iterator[Step]:
    standing = found.standing
    if standing.has_lapsed and standing.expires_on:
        yield Step(
            "Join again",
            f"Your membership ended on {short_date(standing.expires_on)}.",
            "Write to the office",
            subject=f"Joining again, membership number {standing.number}",
        )
