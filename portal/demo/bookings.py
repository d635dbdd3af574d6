"""A year of bookings and payments at the demo institute, through the acts that book and pay."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.billing.models import Invoice
from portal.billing.payments import receive
from portal.core.dates import LONDON, on_day
from portal.core.money import Money
from portal.demo.people import ALICE, BOB, CHARLIE
from portal.events.booking import submit_order
from portal.events.holding_places import hold_place, rules_on
from portal.events.models import Event, RegistrationOption
from portal.events.order_review import review
from portal.events.refusals import BookingRefused
from portal.people.models import Person

ACTOR = "portal demo"
NEEDS = ["Vegetarian lunch", "Step-free access", "A seat near the front, I lip-read", "Vegan"]


@dataclass(frozen=True, order=True)
class Wish:
    """Somebody will book an event at a moment."""

    at: datetime
    event: int
    person: int


def book_a_year(now: datetime, progress: Callable[[int, int], None]) -> None:
    """Book in the order of time, so that invoices are numbered as they would have been."""
    chance = random.Random("bookings")  # noqa: S311 - the same bookings each time
    events = {event.pk: event for event in Event.objects.prefetch_related("options", "sessions")}
    people = {person.pk: person for person in Person.objects.order_by("pk")}
    wishes = sorted(set(_wishes(now, list(events.values()), list(people.values()), chance)))
    for done, wish in enumerate(wishes):
        progress(done, len(wishes))
        _book(events[wish.event], people[wish.person], wish.at, chance)
    progress(len(wishes), len(wishes))


def _wishes(
    now: datetime, events: list[Event], people: list[Person], chance: random.Random
) -> Iterator[Wish]:
    cast = {person.email: person for person in people if person.email in (ALICE, BOB, CHARLIE)}
    others = [person for person in people if person.email not in cast]
    for event in events:
        many = 24 if event.kind == "conference" else chance.choice([2, 3, 4])
        for person in chance.sample(others, many):
            if when := _moment(event, now, chance):
                yield Wish(when, event.pk, person.pk)
    yield from _crowd(now, events, others, chance)
    yield from _of_the_cast(now, events, cast, chance)


def _crowd(
    now: datetime, events: list[Event], people: list[Person], chance: random.Random
) -> Iterator[Wish]:
    """Two of the next courses fill up."""
    for event in _crowded(events, now):
        for person in chance.sample(people, 28):
            if when := _moment(event, now, chance):
                yield Wish(when, event.pk, person.pk)


def _crowded(events: list[Event], now: datetime) -> list[Event]:
    return [event for event in events if event.kind == "training" and event.starts > now][1:3]


def _of_the_cast(
    now: datetime, events: list[Event], cast: dict[str, Person], chance: random.Random
) -> Iterator[Wish]:
    past = [event for event in events if event.ends < now]
    soon = [event for event in events if timedelta(7) < event.starts - now < timedelta(80)]
    coming = [event for event in soon if event not in _crowded(events, now)]
    plans = [
        (ALICE, past[-12:-2:3] + coming[:2]),
        (BOB, past[-8::4] + coming[2:3]),
        (CHARLIE, past[-3:-2] + coming[3:4]),
    ]
    for email, chosen in plans:
        for event in chosen:
            if when := _moment(event, now, chance):
                yield Wish(when, event.pk, cast[email].pk)


def _moment(event: Event, now: datetime, chance: random.Random) -> datetime | None:
    """Some office hour before the event that is past; None where there is none."""
    latest = min(on_day(event.starts) - timedelta(days=1), on_day(now) - timedelta(days=1))
    ahead = 220 if event.kind == "conference" else 90
    earliest = on_day(event.starts) - timedelta(days=ahead)
    if earliest > latest:
        return None
    day = earliest + timedelta(days=chance.randint(0, (latest - earliest).days))
    hour, minute = chance.randint(9, 16), chance.randint(0, 59)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def _some_of(event: Event, option: RegistrationOption, chance: random.Random) -> list[int]:
    """Which days, where the option asks."""
    if not option.choose:
        return []
    return chance.sample([session.pk for session in event.sessions.all()], option.choose)


def _book(event: Event, person: Person, at: datetime, chance: random.Random) -> None:
    """Book the first option that is open to the person; a full event stays as it is."""
    rules = rules_on(at)
    for option in _by_liking(event, chance):
        try:
            basket = hold_place(
                event,
                option=option,
                attendee=person,
                booked_by=person,
                agreed_terms=event.terms or rules.terms,
                special_requirements=chance.choice(NEEDS) if chance.random() < 0.1 else "",
                sessions=_some_of(event, option, chance),
                declaration=rules.funded_declaration if option.is_funded else "",
                at=at,
            )
        except BookingRefused:
            continue
        submit_order(
            basket,
            actor=ACTOR,
            purchase_order=person.purchase_order_number,
            reviewed=review(basket, at=at).fingerprint,
            at=at + timedelta(minutes=3),
        )
        return


def _by_liking(event: Event, chance: random.Random) -> list[RegistrationOption]:
    """One in six asks for the funded place first."""
    options = list(event.options.all())
    wants_funded = chance.random() < 1 / 6
    return sorted(options, key=lambda option: option.is_funded != wants_funded)


def pay_what_was_due(now: datetime) -> None:
    """Most pay within the month, some late, some not yet. Alice leaves her last invoice open."""
    chance = random.Random("payments")  # noqa: S311 - the same payments each time
    today = on_day(now)
    for invoice in Invoice.objects.select_related("account__person").order_by("issued_at", "pk"):
        paid_on = invoice.issued_on + timedelta(days=chance.randint(6, 45))
        forgotten = chance.random() < 0.04
        if paid_on >= today or forgotten or (_is_alices_last(invoice)):
            continue
        _pay(invoice, paid_on, part=chance.random() < 0.02)


def _is_alices_last(invoice: Invoice) -> bool:
    person = invoice.account.person
    if person is None or person.email != ALICE:
        return False
    later = Invoice.objects.filter(account=invoice.account, sequence__gt=invoice.sequence)
    return not later.exists()


def _pay(invoice: Invoice, on: date, *, part: bool) -> None:
    amount = Money(invoice.gross.pence // 2) if part else invoice.gross
    at = datetime(on.year, on.month, on.day, 10, 30, tzinfo=LONDON)
    receive(amount=amount, received_on=on, actor=ACTOR, at=at, invoices=[invoice])
