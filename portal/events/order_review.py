"""The order about to be submitted: the lines of a basket, their prices and totals.

A fingerprint stands for all that a person reads in a review: what, who, when, where, which
option, the price and its tax, the answers. Submitting gives it back, so that nothing else is
ordered than was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from portal.billing import vat
from portal.billing.models import Tax
from portal.core.dates import on_day
from portal.core.money import Money
from portal.events.attending import load_sessions_of_holds, still_right
from portal.events.bookable import Asked, of_option
from portal.events.counting_places import Places
from portal.events.eligibility import needs_standing
from portal.events.models import Basket, Hold, Session
from portal.events.pricing import Price, tax_of
from portal.events.refusals import BookingRefused, WrongSessions
from portal.membership.standing import NO_MEMBERSHIP, standings
from portal.people.models import Person


@dataclass
class Line:
    """A hold with its price; `is_held`: it keeps its place from others now.

    `refusal` says why it could not be ordered now.
    """

    hold: Hold
    tax: Tax
    is_held: bool
    refusal: BookingRefused | None = None

    @property
    def net(self) -> Money:
        net: Money = self.hold.option.price
        return net

    @property
    def price(self) -> Price:
        return Price(self.net, self.tax)


class Held(StrEnum):
    """How many of the places are kept from others now."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass
class Review:
    """The lines in the order in which they were saved."""

    basket: Basket
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def totals(self) -> vat.Totals:
        return vat.totals(self.lines)

    @property
    def is_free(self) -> bool:
        """Nothing is to be paid, so no invoice follows."""
        return not self.totals.gross

    @property
    def number_held(self) -> int:
        return sum(line.is_held for line in self.lines)

    @property
    def held(self) -> Held:
        """It follows from the holds: that of a lost place keeps none, whatever the time."""
        if not self.number_held:
            return Held.NONE
        return Held.ALL if self.number_held == len(self.lines) else Held.SOME

    @property
    def held_words(self) -> str:
        """“Your place is held until”, before the time."""
        held, lines = self.number_held, len(self.lines)
        if held < lines:
            return f"{held} of your {lines} places {'is' if held == 1 else 'are'} held until"
        return "Your place is held until" if lines == 1 else "Your places are held until"

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.refusal]

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same review, another one for any other."""
        read = [
            (
                line.hold.pk,
                line.hold.attendee_id,
                line.hold.event.title,
                line.hold.event.starts.timestamp(),
                line.hold.event.ends.timestamp(),
                line.hold.event.place,
                [_read(session) for session in line.hold.attends],
                line.hold.option_id,
                line.hold.option.name,
                line.net.pence,
                line.tax.code,
                line.tax.basis_points,
                line.hold.special_requirements,
                line.hold.agreed_terms,
                line.hold.declaration,
            )
            for line in self.lines
        ]
        return hashlib.sha256(repr(read).encode()).hexdigest()[:32]


def _read(session: Session) -> tuple[Any, ...]:
    """What a person reads of a session in a review."""
    times = (session.starts.timestamp(), session.ends.timestamp())
    return session.pk, session.name, *times, session.place


def review(basket: Basket, *, at: datetime, is_order: bool = False) -> Review:
    """Read a basket and decide on each line: two queries, more where places have to be counted
    again or somebody's membership matters.

    `is_order`: the events are locked, and every place is counted. Raises NotReady where the office
    has not said how the places are taxed.
    """
    day = on_day(at)
    holds = list(basket.holds.with_all(day))
    if not holds:
        return Review(basket)
    load_sessions_of_holds(holds)
    taxes = vat.taxes_on(day)
    lines = [Line(hold, tax_of(hold.tax_code, taxes), hold.is_live(at)) for hold in holds]
    refuse_lines(lines, basket, at=at, is_order=is_order)
    return Review(basket, lines)


def open_review(person: Person, *, at: datetime) -> Review | None:
    """The person's open basket as it is now, None where nothing is in it."""
    found = Basket.objects.open().filter(owner=person).first()
    now = review(found, at=at) if found else None
    return now if now and now.lines else None


def refuse_lines(
    lines: Sequence[Line], basket: Basket, *, at: datetime, is_order: bool = False
) -> None:
    """Decide on each line, those first that the basket still holds."""
    counts = is_order or not all(line.is_held for line in lines)
    holds = [line.hold for line in lines]
    places = Places.for_holds(holds, at=at, besides=basket) if counts else None
    may_be_full = places is not None and places.may_run_out(len(lines))
    matters = {hold.attendee_id for hold in holds if may_be_full or needs_standing(hold.option)}
    members = standings(matters, on_day(at)) if matters else {}
    for line in sorted(lines, key=lambda line: not line.is_held):
        hold = line.hold
        asked = Asked(
            at,
            is_ready=True,
            standing=members.get(hold.attendee_id, NO_MEMBERSHIP),
            is_registered=hold.is_registered,
            own=None if places else hold.option_id,
            who="You are" if hold.attendee_id == basket.owner_id else f"{hold.attendee} is",
        )
        answer = of_option(
            hold.option,
            hold.event,
            places.options_of(hold.event_id) if places else [hold.option],
            asked,
            declared=bool(hold.declaration),
            **({"left": places.left} if places else {}),
        )
        line.refusal = None if answer.can_take else answer.refusal(of_order=True)
        if answer.can_take and not still_right(hold):
            line.refusal = WrongSessions(hold.option.name, hold.option.choose or 0)
        if places:
            places.take(hold.option)
