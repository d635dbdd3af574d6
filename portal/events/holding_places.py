"""Holding places, from “Save responses” until the order is submitted.

Rules (guide, section 7; the minutes are rows, BookingRules):

- A person has one open basket. All its places expire together, 30 minutes after the last was
  saved, but at most two hours after the first of them was.
- An attendee has at most one hold for an event. Saving again replaces the answers and moves the
  place if another option was chosen. A hold in somebody else's basket that has expired gives way;
  one that has not is left alone.
- Saving into a basket that has expired begins a new time. The places that it held before are taken
  again where they are still available; a place that somebody else took meanwhile is marked as lost,
  its answers stay, and it is tried again at the next occasion.
- An expired hold keeps no place from others, but goes through at checkout if a place is left.
- Places are counted with the event's row locked. What the office changed while the page was open
  counts: whom the option is for, and whether it is offered at all.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateField

from portal.billing.readiness import NotReady
from portal.core.dates import on_day
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.core.rows.prepared import Prepared
from portal.events.attending import sessions_for
from portal.events.bookable import Asked, of_option
from portal.events.counting_places import Places, lock_events
from portal.events.models import (
    Basket,
    BookingRules,
    Event,
    Hold,
    Registration,
    RegistrationOption,
)
from portal.events.readiness import RULES_MISSING
from portal.events.refusals import OptionGone
from portal.membership.standing import Standing, standing
from portal.people.models import Person

_RULES = Prepared(lambda on: BookingRules.objects.begun(on)[:1], on=DateField())


def rules_on(at: datetime) -> BookingRules:
    """The booking rules in force. Raises NotReady where the office has entered none."""
    rules: BookingRules | None = _RULES.first(on=on_day(at))
    if rules is None:
        raise NotReady(RULES_MISSING)
    return rules


def hold_place(
    event: Event,
    *,
    option: RegistrationOption,
    attendee: Person,
    booked_by: Person,
    agreed_terms: str,
    special_requirements: str = "",
    declaration: str = "",
    sessions: Collection[int] = (),
    at: datetime,
) -> Basket:
    """Hold a place for the attendee in the booker's open basket, or change the one held there.

    `agreed_terms` and `declaration` are the words that were shown; `sessions` are the keys of those
    chosen where the option lets one choose. Raises BookingRefused, that is OptionGone or what
    bookable.py decides; WrongSessions; NotReady where there are no booking rules.
    """
    if option.event_id != event.pk:
        raise ValueError(f"{option} is not an option of {event}")
    rules = rules_on(at)
    with transaction.atomic():
        basket = _open_basket(booked_by, at)
        lock_events(basket, event)
        option = _as_it_is_now(option)
        before = list(basket.holds.select_related("option"))
        hold, held_until = _line_for(option.event, attendee, basket, before, at)
        asked = _asked(hold, booked_by, standing(attendee, on_day(at)), held_until, at)
        hold.option = option
        hold.special_requirements = special_requirements
        hold.agreed_terms = agreed_terms
        hold.declaration = declaration if option.is_funded else ""
        hold.saved_at = at
        may_be_part = option.choose or option.covers_part or sessions
        theirs = sessions_for(option, sessions) if may_be_part else []
        hold.is_partial = bool(theirs)
        hold.session_keys = [session.pk for session in theirs]
        _take_places(hold, before, asked)
        _renew(basket, rules, at, is_empty=not before)
    return basket


def release_place(hold: Hold, *, actor: object, at: datetime) -> bool:
    """Take a line out of its basket; False where it is out, or has been ordered, already."""
    with transaction.atomic():
        if not lock(Basket.objects.open().filter(pk=hold.basket_id)):
            return False
        if not Hold.objects.filter(pk=hold.pk).exists():
            return False
        if hold.is_live(at):
            record("place released", hold, actor=actor, at=at, option=hold.option.name)
        hold.delete()
        return True


def _open_basket(owner: Person, at: datetime) -> Basket:
    """The owner's one open basket, locked. Two tabs at once meet in the same one."""
    while True:
        found = lock(Basket.objects.open().filter(owner=owner))
        if found:
            return found[0]
        basket, is_new = Basket.objects.get_or_create(
            owner=owner,
            closed_at=None,
            defaults={"created_at": at, "held_since": at, "expires_at": at},
        )
        if is_new:
            return basket


def _as_it_is_now(option: RegistrationOption) -> RegistrationOption:
    """The option read again, with its event, once that is locked. Raises OptionGone."""
    rows = RegistrationOption.objects.select_related("event").with_part()
    now = rows.filter(pk=option.pk, event=option.event_id).first()
    if now is None:
        raise OptionGone(option.name)
    return now


def _asked(
    hold: Hold, booked_by: Person, member: Standing, held_until: datetime | None, at: datetime
) -> Asked:
    attendee = hold.attendee
    registered = Registration.objects.taking_a_place().filter(event=hold.event, attendee=attendee)
    return Asked(
        at,
        is_ready=True,  # the booking rules are there; what a basket costs is asked in its review
        standing=member,
        is_registered=registered.exists(),
        held_until=held_until,
        who="You are" if attendee == booked_by else f"{attendee.full_name} is",
    )


def _line_for(
    event: Event, attendee: Person, basket: Basket, before: list[Hold], at: datetime
) -> tuple[Hold, datetime | None]:
    """The attendee's line of the basket for this event: the one in it, or a new one, not saved.

    And until when somebody else holds a place for them.
    """
    held_until = _make_way(event, attendee, basket, at)
    keys = (event.pk, attendee.pk)
    theirs = (hold for hold in before if (hold.event_id, hold.attendee_id) == keys)
    hold = next(theirs, None) or Hold(basket=basket, event=event, attendee=attendee)
    hold.event = event
    return hold, held_until


def _make_way(event: Event, attendee: Person, basket: Basket, at: datetime) -> datetime | None:
    """Take away the attendee's expired hold in another basket; else tell until when it holds."""
    other = Hold.objects.filter(event=event, attendee=attendee).exclude(basket=basket)
    for hold in other.select_related("basket"):
        if hold.is_live(at):
            return hold.basket.expires_at
        hold.delete()
    return None


def _take_places(hold: Hold, before: list[Hold], asked: Asked) -> None:
    """Count afresh: first what the basket still holds, then this hold, then what had expired."""
    basket, at = hold.basket, asked.at
    others = [other for other in before if other is not hold]
    live = [other for other in others if other.is_live(at)]
    places = Places.for_holds([hold, *others], at=at, besides=basket)
    for other in live:
        _take(places, other, at)
    answer = of_option(
        hold.option,
        hold.event,
        places.options_of(hold.event_id),
        asked,
        declared=bool(hold.declaration),
        left=places.left,
    )
    if not answer.can_take:
        raise answer.refusal()
    places.take(hold.option)
    hold.lost_at = None
    hold.save()
    for other in others:
        if other not in live:
            _take(places, other, at)


def _take(places: Places, hold: Hold, at: datetime) -> None:
    lost_at = None if places.take(hold.option) else hold.lost_at or at
    if lost_at != hold.lost_at:
        hold.lost_at = lost_at
        hold.save(update_fields=["lost_at"])


def _renew(basket: Basket, rules: BookingRules, at: datetime, *, is_empty: bool) -> None:
    if is_empty or not basket.is_held(at):
        basket.held_since = at
    basket.expires_at = min(
        at + timedelta(minutes=rules.hold_minutes),
        basket.held_since + timedelta(minutes=rules.hold_limit_minutes),
    )
    basket.save(update_fields=["held_since", "expires_at"])
