"""Dates and times as people of the body read them: Europe/London, both clock changes included."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")
_DAY_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_A_MOMENT = timedelta(microseconds=1)
_NO_BREAK = "\u00a0"
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


def today() -> date:
    """The date it is now in London."""
    return on_day(timezone.now())


def on_day(moment: datetime) -> date:
    """The London date of a moment."""
    return moment.astimezone(LONDON).date()


def add_years(day: date, years: int) -> date:
    """The same day in another year; 29 February becomes the 28th in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def read_date(text: str) -> date:
    """Read 2027-03-31 or 31/03/2027. Raises ValueError with a sentence."""
    text = text.strip()
    try:
        if match := _ISO.match(text):
            year, month, day = match.groups()
        elif match := _DAY_FIRST.match(text):
            day, month, year = match.groups()
        else:
            raise ValueError
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(
            f"“{text[:40]}” is not a date: write it as 2027-03-31 or 31/03/2027"
        ) from None


def read_time(text: str) -> datetime:
    """Read a London time such as “2027-03-31 09:30” or “31/03/2027 09:30”, as a moment in UTC.

    Raises ValueError with a sentence, also for a time that the clock change in spring leaves
    out. A time that autumn repeats is taken as the first of the two; in UTC because Python never
    finds such a time equal to one of another zone, such as the database's.
    """
    day_text, _, clock = text.strip().replace("T", " ").partition(" ")
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", clock.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f"“{text.strip()[:40]}” is not a time: write it as 2027-03-31 09:30")
    day = read_date(day_text)
    local = datetime(day.year, day.month, day.day, int(match[1]), int(match[2]), tzinfo=LONDON)
    if _is_skipped(local):
        raise ValueError(
            f"“{text.strip()}” does not exist: the clocks go forward then. Give another time"
        )
    return local.astimezone(UTC)


def _is_skipped(local: datetime) -> bool:
    back = local.astimezone(UTC).astimezone(LONDON)
    return back.replace(tzinfo=None) != local.replace(tzinfo=None)


def moved_with(moment: datetime, *, before: datetime, after: datetime) -> datetime:
    """A moment moved as another was, by the clock on the wall in London: 10am stays 10am across a
    clock change. A time that the change in spring leaves out becomes an hour later; in UTC.
    """
    days = _on_the_wall(after) - _on_the_wall(before)
    return (_on_the_wall(moment) + days).replace(tzinfo=LONDON).astimezone(UTC)


def _on_the_wall(moment: datetime) -> datetime:
    return moment.astimezone(LONDON).replace(tzinfo=None)


def long_date(day: date) -> str:
    """Tuesday 31 March 2027."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """31 March 2027."""
    return f"{day.day} {day:%B %Y}"


def clock(moment: datetime) -> str:
    """9:30am, midday, 2pm, midnight."""
    local = moment.astimezone(LONDON)
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"


def period(starts: datetime, ends: datetime) -> str:
    """“Tuesday 31 March 2027, 9:30am to 4pm”, or both days where it runs over several.

    The end is the moment from which it is over, so one at midnight belongs to the day before:
    “7pm to midnight”. The two times of one day stay on one line.
    """
    first, last = on_day(starts), on_day(max(starts, ends - _A_MOMENT))
    if first == last:
        return f"{long_date(first)}, {clock(starts)}{_NO_BREAK}to{_NO_BREAK}{clock(ends)}"
    return f"{long_date(first)}, {clock(starts)}, to {long_date(last)}, {clock(ends)}"
