"""Whether a membership is current on a day.

Rules:
- A membership is current on each day of its terms, both ends included, and for the days of grace
  after its last term (`MembershipRules`, the row in force on the day asked about).
- It expires on the last day of the terms that follow each other without a gap: who has renewed
  already expires a year later, and the day after is the renewal date.
- A term without an end is for life: it never expires.
- Nothing of this is stored: it follows from the terms and the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from portal.membership.models import Membership, MembershipCategory, MembershipRules
from portal.membership.terms import DAY
from portal.people.models import Person

_TERM = (
    "terms__start",
    "terms__end",
    "terms__category",
    "terms__category__name",
    "terms__category__post_nominals",
    "terms__category__position",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's membership on a day. Of somebody who never was a member, all is empty.

    `category` and `expires_on` are those of the running term, else of the last that has ended;
    `expires_on` is None for life.
    """

    number: str = ""
    member_since: date | None = None
    category: MembershipCategory | None = None
    expires_on: date | None = None
    is_current: bool = False
    in_grace: bool = False

    @property
    def renews_on(self) -> date | None:
        """The first day that is not paid for."""
        return self.expires_on + DAY if self.expires_on else None

    @property
    def is_for_life(self) -> bool:
        return self.is_current and self.expires_on is None

    @property
    def has_lapsed(self) -> bool:
        """Was a member, and is none now, grace included."""
        return self.expires_on is not None and not self.is_current

    @property
    def post_nominals(self) -> str:
        """What may stand after the name: lapsing takes it away."""
        return self.category.post_nominals if self.category and self.is_current else ""


NO_MEMBERSHIP = Standing()


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    member_since: date | None
    start: date | None
    end: date | None
    category: MembershipCategory | None


def standing(person: Person, on: date) -> Standing:
    """The person's standing on a London day: one query."""
    return standings([person.pk], on).get(person.pk, NO_MEMBERSHIP)


def standings(people: Iterable[int], on: date) -> dict[int, Standing]:
    """The standing of each of these people (keys) who has a membership: one query."""
    rows: defaultdict[int, list[_Row]] = defaultdict(list)
    grace = timedelta()
    for cells in (
        Membership.objects.filter(person__in=list(people))
        .order_by("person", "terms__start")
        .values("person", "number", "member_since", *_TERM, grace=_grace(on))
    ):
        rows[cells["person"]].append(_row(cells))
        grace = timedelta(days=cells["grace"] or 0)
    return {person: _standing(terms, on, grace) for person, terms in rows.items()}


def _grace(on: date) -> RawSQL:
    """The days of grace in force on a day, within the query of memberships.

    Written out, since most pages ask for a membership: built of a queryset it makes the whole of
    `standings` take 0.83 ms instead of 0.55 (measured; 0.48 without it).
    """
    return RawSQL(  # noqa: S611 - of constants
        f"(SELECT grace_days FROM {MembershipRules._meta.db_table}"  # noqa: S608
        " WHERE valid_from <= %s ORDER BY valid_from DESC, id DESC LIMIT 1)",
        [on.isoformat()],
        output_field=models.IntegerField(),
    )


def _row(cells: Mapping[str, Any]) -> _Row:
    start, end, key, name, post_nominals, position = (cells[name] for name in _TERM)
    category = None
    if key is not None:
        category = MembershipCategory(
            pk=key, name=name, post_nominals=post_nominals, position=position
        )
    return _Row(cells["number"], cells["member_since"], start, end, category)


def _standing(rows: list[_Row], on: date, grace: timedelta) -> Standing:
    number, member_since = rows[0].number, rows[0].member_since
    begun = [row for row in rows if row.start and row.start <= on]
    if not begun:
        return Standing(number=number, member_since=member_since)
    expires_on = begun[-1].end
    for later in rows[len(begun) :]:
        if expires_on is None or later.start != expires_on + DAY:
            break
        expires_on = later.end
    is_running = expires_on is None or expires_on >= on
    in_grace = not is_running and expires_on is not None and on <= expires_on + grace
    return Standing(
        number=number,
        member_since=member_since,
        category=begun[-1].category,
        expires_on=expires_on,
        is_current=is_running or in_grace,
        in_grace=in_grace,
    )
