"""What is about to be ordered: the lines of a basket, their prices and totals.

A fingerprint stands for all that a person reads in a review: what, who, when, where, which
option, the price and its tax, the answers. Submitting gives it back, so that nothing else is
ordered than was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from portal.billing import vat
from portal.billing.models import Tax
from portal.core.dates import on_day
from portal.core.money import Money
from portal.events.models import Basket, Hold
from portal.events.places import Places
from portal.events.pricing import Price, tax_of
from portal.events.refusals import BookingRefused, EventBegun
from portal.membership.standing import NO_MEMBERSHIP, standings
from portal.people.models import Person


@dataclass
class Line:
    """A hold with its price; `refusal` says why it could not be ordered now."""

    hold: Hold
    tax: Tax
    refusal: BookingRefused | None = None

    @property
    def net(self) -> Money:
        net: Money = self.hold.option.price
        return net

    @property
    def price(self) -> Price:
        return Price(self.net, self.tax)


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


def review(basket: Basket, *, at: datetime) -> Review:
    """Read a basket: two queries, more where places have to be counted again.

    Raises NotReady where the office has not said how the places are taxed.
    """
    day = on_day(at)
    holds = list(basket.holds.with_all(day))
    if not holds:
        return Review(basket)
    taxes = vat.taxes_on(day)
    lines = [Line(hold, tax_of(hold.tax_code, taxes)) for hold in holds]
    if not all(hold.is_live(at) for hold in holds):
        refuse_what_is_full(lines, basket, at=at)
    for line in lines:
        if line.hold.event.has_begun(at):
            line.refusal = EventBegun()
    return Review(basket, lines)


def open_review(person: Person, *, at: datetime) -> Review | None:
    """The person's open basket as it is now, None where nothing is in it."""
    found = Basket.objects.open().filter(owner=person).first()
    now = review(found, at=at) if found else None
    return now if now and now.lines else None


def refuse_what_is_full(lines: Sequence[Line], basket: Basket, *, at: datetime) -> None:
    """Count the places of each line, those first that the basket still holds."""
    places = Places.for_holds([line.hold for line in lines], at=at, besides=basket)
    in_turn = sorted(lines, key=lambda line: not line.hold.is_live(at))
    full = [line for line in in_turn if not places.take(line.hold.option)]
    members = standings({line.hold.attendee_id for line in full}, on_day(at)) if full else {}
    for line in full:
        standing = members.get(line.hold.attendee_id, NO_MEMBERSHIP)
        line.refusal = places.why_full(line.hold.option, standing)
