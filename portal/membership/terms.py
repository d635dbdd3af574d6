"""The days of a membership: when a term begins, when it ends, and what is left out between two.

Plain functions on dates, which know neither files nor forms. Rules:

- A term begins on an anniversary of the anchor: the anchor plus 12n months, cut to the end of the
  month where that is shorter. It is reckoned from the anchor, never from the term before, so that
  a membership from 29 February renews on the 28th and is back on the 29th in every leap year.
- The renewal date is the first day that is not paid for: all time before it is paid. A membership
  for life has none, and its term has no end.
- A first term begins on the day since when the person is a member. A later one joins the term
  before it while that has not lapsed beyond grace.
- After that, the person starts again: on the new “member since”, else on the last anniversary that
  is not later than today, so that what is paid for today counts today. Of time that nobody has
  paid for, a gap is left.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from portal.core.dates import add_years

DAY = timedelta(days=1)


class Days(NamedTuple):
    """A stretch of days, both ends included. `end` None: for life."""

    start: date
    end: date | None


def anniversary(anchor: date, years: int) -> date:
    """The anchor plus 12 × `years` months: 29 February becomes the 28th in a common year."""
    return add_years(anchor, years)


def anchor_of(renewal: date, since: date | None) -> date:
    """The day whose anniversaries are the renewal dates: `since` where this is one of its own."""
    if since and anniversary(since, renewal.year - since.year) == renewal:
        return since
    return renewal


def term_until(
    renewal: date | None,
    *,
    since: date | None,
    last: date | None,
    grace: timedelta,
    on: date,
) -> Days:
    """The term that is paid for before a renewal date.

    `renewal` None: for life. `since`: member since. `last`: the last day paid for so far, before
    the renewal date; None for a first term. `on`: today.
    """
    end = renewal - DAY if renewal else None
    if last is None:
        return Days(since or _begun(renewal, since, on), end)
    if on <= last + grace:
        return Days(last + DAY, end)
    if since and since > last:
        return Days(since, end)
    return Days(max(last + DAY, _begun(renewal, since, on)), end)


def _begun(renewal: date | None, since: date | None, on: date) -> date:
    """The last anniversary before the renewal date that is not later than today, if there is one.

    Where the renewal date is past, that is a year before it.
    """
    if renewal is None:
        return on
    anchor = anchor_of(renewal, since)
    years = renewal.year - anchor.year
    before = (anniversary(anchor, years - back) for back in count(1))
    return next(day for day in before if day <= on)


def gap_between(last: date | None, start: date) -> tuple[date, date] | None:
    """The first and last day between the last one paid for and the next term, if there are any."""
    if last is None or start <= last + DAY:
        return None
    return last + DAY, start - DAY


def corrected(term: Days, *, renewal: date, since: date | None, before: date | None) -> Days:
    """The last term with an earlier renewal date; before its start, it is moved to end there.

    `before`: the last day of the term before it, which is earlier than the renewal date's eve.
    """
    end = renewal - DAY
    if term.start <= end:
        return Days(term.start, end)
    anchor = anchor_of(renewal, since)
    start = anniversary(anchor, renewal.year - anchor.year - 1)
    if since and since < renewal:
        start = max(start, since)
    return Days(max(start, before + DAY) if before else start, end)
