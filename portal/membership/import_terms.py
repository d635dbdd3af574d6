"""What an imported renewal date and category say about a person's terms of membership.

- The running term ends the day before `renewal_date`; the first import begins it a year earlier,
  or on `member_since` where that is later.
- A later renewal date adds the next term, after a gap if the date leaves one. Terms never overlap.
- An earlier renewal date, or another category with the same date, corrects the last term.
- A membership is not ended by leaving its cells empty: that could be an oversight.
- A number whose cell now has other capitals than when last imported is shown as the cell has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from portal.core.dates import add_years
from portal.core.sheets import Problem
from portal.membership.import_columns import MEMBERSHIP, Lists
from portal.membership.import_matching import Change, rows_where
from portal.membership.models import Membership, MembershipTerm
from portal.membership.standing import DAY


@dataclass(slots=True)
class TermPlan:
    """The rows to write, once it is known that all of them can be."""

    new_memberships: list[tuple[Change, Membership]] = field(default_factory=list)
    changed_memberships: list[Membership] = field(default_factory=list)
    new_terms: list[MembershipTerm] = field(default_factory=list)
    changed_terms: list[MembershipTerm] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan_terms(changes: Iterable[Change], lists: Lists) -> TermPlan:
    """What to write for these changes: two queries per 900 people already members."""
    concerned = [change for change in changes if change.changed(MEMBERSHIP)]
    ids = [change.person.pk for change in concerned if not change.is_new]
    memberships = {
        row.person_id: row for row in rows_where(Membership.objects.all(), "person_id", ids)
    }
    terms: defaultdict[int, list[MembershipTerm]] = defaultdict(list)
    keys = [membership.pk for membership in memberships.values()]
    for term in rows_where(MembershipTerm.objects.order_by("start"), "membership_id", keys):
        terms[term.membership_id].append(term)
    plan = TermPlan()
    for change in concerned:
        membership = memberships.get(change.person.pk)
        if membership is None:
            _join(change, lists, plan)
        elif not change.cell("category") and change.changed(["category"]):
            plan.problems.append(change.problem("category", _ENDS))
        else:
            _go_on(change, membership, terms[membership.pk], lists, plan)
    return plan


_ENDS = (
    "An empty category does not end a membership. Keep the category, and give as renewal_date "
    "the day after its last day"
)


def _join(change: Change, lists: Lists, plan: TermPlan) -> None:
    if not change.cell("category"):
        return
    membership = Membership(
        number=change.cell("membership_number"), member_since=_day(change.cell("member_since"))
    )
    plan.new_memberships.append((change, membership))
    plan.new_terms.append(_first_term(change, membership, lists))


def _first_term(change: Change, membership: Membership, lists: Lists) -> MembershipTerm:
    renewal = date.fromisoformat(change.cell("renewal_date"))
    return MembershipTerm(
        membership=membership,
        category=lists.categories[change.cell("category")],
        start=_a_year_before(renewal, membership.member_since),
        end=renewal - DAY,
    )


def _go_on(
    change: Change,
    membership: Membership,
    terms: list[MembershipTerm],
    lists: Lists,
    plan: TermPlan,
) -> None:
    try:
        _renew(change, membership, terms, lists, plan)
    except ValueError as error:
        plan.problems.append(change.problem("renewal_date", str(error)))
        return
    is_respelt = _is_respelt(change, membership)
    if is_respelt:
        membership.number = change.cell("membership_number")
    is_since_changed = change.changed(["member_since"]) != []
    if is_since_changed:
        membership.member_since = _day(change.cell("member_since"))
    if is_respelt or is_since_changed:
        plan.changed_memberships.append(membership)


def _is_respelt(change: Change, membership: Membership) -> bool:
    """The file has the number in other capitals than when it was last imported."""
    cell, before = change.cell("membership_number"), change.before.get("membership_number", "")
    is_same = cell.casefold() == before.casefold() == membership.number.casefold()
    return is_same and cell != before


def _renew(
    change: Change,
    membership: Membership,
    terms: list[MembershipTerm],
    lists: Lists,
    plan: TermPlan,
) -> None:
    """Add the next term, or correct the last. Raises ValueError with a sentence."""
    changed = change.changed(["category", "renewal_date"])
    if not changed:
        return
    if not terms:
        plan.new_terms.append(_first_term(change, membership, lists))
        return
    last = terms[-1]
    end = date.fromisoformat(change.cell("renewal_date")) - DAY
    category = lists.categories[change.cell("category")]
    if end > last.end and "renewal_date" in changed:
        start = max(last.end + DAY, _a_year_before(end + DAY, None))
        plan.new_terms.append(
            MembershipTerm(membership=membership, category=category, start=start, end=end)
        )
        return
    if end < last.end and "renewal_date" in changed:
        _shorten(last, terms[-2] if len(terms) > 1 else None, end, membership.member_since)
    if "category" in changed:
        last.category = category
    plan.changed_terms.append(last)


def _shorten(
    last: MembershipTerm, before: MembershipTerm | None, end: date, since: date | None
) -> None:
    """Let the last term end earlier. Raises ValueError with a sentence where it cannot."""
    if before is not None and end <= before.end:
        raise ValueError(
            f"Renewal date {end + DAY} would leave nothing of the last term, which began on "
            f"{last.start}. Correct the terms in the office under Memberships"
        )
    last.end = end
    if last.start > end:
        start = _a_year_before(end + DAY, since)
        last.start = max(start, before.end + DAY) if before else start


def _a_year_before(renewal: date, since: date | None) -> date:
    start = add_years(renewal, -1)
    return max(start, since) if since and since < renewal else start


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
