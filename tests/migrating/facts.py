"""The facts on a page: what stays right however its sentences are worded."""

from __future__ import annotations

import re
from collections.abc import Iterable

Fact = tuple[str, str]

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
SHAPES = {
    "money": re.compile(r"[-−]?£[\d,]+(?:\.\d\d)?"),
    "day": re.compile(rf"\b\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?"),
    "time": re.compile(r"\b\d{1,2}(?::\d\d)?(?:am|pm)\b|\bmidday\b|\bmidnight\b"),
    "number": re.compile(r"\b(?:[A-Z]{2,4}-)?\d{4,6}(?:-\d)?\b"),
    "points": re.compile(r"\b\d+ CPD points?\b"),
}
STATES = re.compile(
    r"\b(?:Paid|Overdue|Nothing is owed|Available|Full|Fully booked|\d+ places? left|Registered|"
    r"Accredited|Member|Non-member|Checked by the office|Online)\b"
)
# What was not there before must be named as well, where it is one of these.
NEW_ONES_TELL = {"money", "day", "number"}


def facts(text: str, names: Iterable[str], links: Iterable[str] = ()) -> set[Fact]:
    """The money, days, times, numbers and states that a text says, which of these names, and
    where its links lead."""
    text = " ".join(text.split())
    found = {(kind, said) for kind, shape in SHAPES.items() for said in shape.findall(text)}
    found |= {("state", said) for said in STATES.findall(text)}
    found |= {("name", name) for name in names if name in text}
    return found | {("link", link) for link in links}


def differences(before: set[Fact], now: set[Fact]) -> list[tuple[str, Fact]]:
    """What was said and is not, and what is said and was not and should have been: ("lost", fact)
    and ("new", fact)."""
    lost = [("lost", fact) for fact in before - now]
    return sorted(lost + [("new", fact) for fact in now - before if fact[0] in NEW_ONES_TELL])
