"""What an imported renewal date and category mean for a person's terms of membership.

- The days of a term are worked out in terms.py. The file says until when somebody has paid: a
  first or later renewal date adds a term, and a gap that it leaves is told.
- An earlier renewal date, or another category with the same date, corrects the last term.
- Another “member since” moves the start of the first term, where that began then.
- In a category for life there is no renewal date; in all others there is one.
- A membership is not ended by leaving its cells empty: that could be an oversight.
- A number whose cell now has other capitals or spaces than when last imported is shown as the cell
  has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.core.dates import short_date
from portal.core.sheets import Problem
from portal.core.text.comparing import as_number
from portal.membership.importing_people.columns import MEMBERSHIP, Lists
from portal.membership.importing_people.matching import Change, rows_where
from portal.membership.models import (
    Membership,
    MembershipCategory,
    MembershipRules,
    MembershipTerm,
)
from portal.membership.terms import DAY, Days, corrected, gap_between, term_until

_ENDS = (
    "An empty category does not end a membership. To end it, keep the category and enter the "
    "day after its last day as renewal_date"
)
_NO_RENEWAL_DATE = "Enter the renewal date, which is the day after the last day paid for"


@dataclass(slots=True)
class TermPlan:
    """The rows to write, once it is known that all of them can be."""

    new_memberships: list[tuple[Change, Membership]] = field(default_factory=list)
    changed_memberships: list[Membership] = field(default_factory=list)
    new_terms: list[MembershipTerm] = field(default_factory=list)
    changed_terms: list[MembershipTerm] = field(default_factory=list)
    gaps: list[tuple[Change, tuple[date, date]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):
    """A row that cannot be: the column, and the sentence."""


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans the rows of one import into `plan`. `on`: the London day of the import."""

    lists: Lists
    on: date
    grace: timedelta
    plan: TermPlan

    def add(
        self, change: Change, membership: Membership | None, terms: list[MembershipTerm]
    ) -> None:
        if membership is None and not change.cell("category"):
            return
        try:
            if membership is None:
                self._join(change)
            else:
                self._go_on(change, membership, terms)
        except _Refused as error:
            column, sentence = error.args
            self.plan.problems.append(change.problem(column, sentence))

    def _join(self, change: Change) -> None:
        membership = Membership(
            number=change.cell("membership_number"), member_since=_day(change, "member_since")
        )
        category, renewal = self._asked(change)
        self._add_term(change, membership, category, renewal, last=None)
        self.plan.new_memberships.append((change, membership))

    def _asked(self, change: Change) -> tuple[MembershipCategory, date | None]:
        """The category and the renewal date of the row, which go together. Raises _Refused."""
        if not change.cell("category"):
            raise _Refused("category", _ENDS)
        category = self.lists.categories[change.cell("category")]
        renewal = _day(change, "renewal_date")
        if renewal is None and not category.is_for_life:
            raise _Refused("renewal_date", _NO_RENEWAL_DATE)
        if renewal is not None and category.is_for_life:
            raise _Refused(
                "renewal_date",
                f"“{category}” is for life and has no renewal date. Leave it empty",
            )
        return category, renewal

    def _add_term(
        self,
        change: Change,
        membership: Membership,
        category: MembershipCategory,
        renewal: date | None,
        *,
        last: date | None,
    ) -> None:
        since = _day(change, "member_since")
        days = term_until(renewal, since=since, last=last, grace=self.grace, on=self.on)
        self.plan.new_terms.append(
            MembershipTerm(membership=membership, category=category, start=days.start, end=days.end)
        )
        if gap := gap_between(last, days.start):
            self.plan.gaps.append((change, gap))

    def _go_on(self, change: Change, membership: Membership, terms: list[MembershipTerm]) -> None:
        touched = self._renew(change, membership, terms)
        if change.changed(["member_since"]):
            touched += _begin_otherwise(change, terms)
        self.plan.changed_terms += {term.pk: term for term in touched}.values()
        is_respelt = _is_respelt(change, membership)
        if is_respelt:
            membership.number = change.cell("membership_number")
        if change.changed(["member_since"]):
            membership.member_since = _day(change, "member_since")
        if is_respelt or change.changed(["member_since"]):
            self.plan.changed_memberships.append(membership)

    def _renew(
        self, change: Change, membership: Membership, terms: list[MembershipTerm]
    ) -> list[MembershipTerm]:
        """Add the next term, or give the last one as corrected. Raises _Refused."""
        changed = change.changed(["category", "renewal_date"])
        if not changed:
            return []
        category, renewal = self._asked(change)
        if not terms:
            self._add_term(change, membership, category, renewal, last=None)
            return []
        last = terms[-1]
        is_moved = "renewal_date" in changed
        end = renewal - DAY if renewal else None
        if is_moved and _is_later(end, last.end):
            self._add_term(change, membership, category, renewal, last=last.end)
            return []
        if is_moved and renewal and _is_later(last.end, end):
            before = terms[-2].end if len(terms) > 1 else None
            _shorten(last, before, renewal, _day(change, "member_since"))
        if "category" in changed:
            last.category = category
        return [last]


def plan_terms(changes: Iterable[Change], lists: Lists, on: date) -> TermPlan:
    """What to write for these changes on a London day: two queries per 900 people already
    members, and one for the days of grace."""
    concerned = [change for change in changes if change.changed(MEMBERSHIP)]
    ids = [change.person.pk for change in concerned if not change.is_new]
    memberships = {
        row.person_id: row for row in rows_where(Membership.objects.all(), "person_id", ids)
    }
    terms: defaultdict[int, list[MembershipTerm]] = defaultdict(list)
    keys = [membership.pk for membership in memberships.values()]
    for term in rows_where(MembershipTerm.objects.order_by("start"), "membership_id", keys):
        terms[term.membership_id].append(term)
    rules = MembershipRules.objects.in_force(on)
    grace = timedelta(days=rules.grace_days if rules else 0)
    planner = _Planner(lists, on, grace, TermPlan())
    for change in concerned:
        membership = memberships.get(change.person.pk)
        planner.add(change, membership, terms[membership.pk] if membership else [])
    return planner.plan


def told(gap: tuple[date, date]) -> str:
    """The sentence on a gap, for the report."""
    first, last = map(short_date, gap)
    return (
        f"no member from {first} to {last}: the term before had ended, and the days of grace were "
        "over. If that time is paid for, correct the terms in the office under Memberships"
    )


def _is_later(one: date | None, other: date | None) -> bool:
    """Whether an end is after another. None is for life: after all others."""
    return other is not None and (one is None or one > other)


def _is_respelt(change: Change, membership: Membership) -> bool:
    """The file has the number in other capitals or spaces than when it was last imported."""
    cell, before = change.cell("membership_number"), change.before.get("membership_number", "")
    is_same = as_number(cell) == as_number(before) == membership.compared_number
    return is_same and cell != before


def _begin_otherwise(change: Change, terms: list[MembershipTerm]) -> list[MembershipTerm]:
    """The first term with the new “member since” as its start, where it began on the old one."""
    before, since = change.before.get("member_since", ""), _day(change, "member_since")
    if not terms or since is None or terms[0].start.isoformat() != before:
        return []
    first = terms[0]
    if first.end is not None and since > first.end:
        return []
    first.start = since
    return [first]


def _shorten(last: MembershipTerm, before: date | None, renewal: date, since: date | None) -> None:
    """Let the last term end earlier. Raises _Refused where it would not outlast the one before."""
    if before is not None and renewal - DAY <= before:
        raise _Refused(
            "renewal_date",
            f"Renewal date {renewal} would leave nothing of the last term, which began on "
            f"{last.start}. Correct the terms in the office under Memberships",
        )
    last.start, last.end = corrected(
        Days(last.start, last.end), renewal=renewal, since=since, before=before
    )


def _day(change: Change, column: str) -> date | None:
    text = change.cell(column)
    return date.fromisoformat(text) if text else None
