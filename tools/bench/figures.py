"""What the bench says of what it measured: ratios, spread, bounds, and the table. No processes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median

NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `holds`: whether its bound is kept; None where it has none."""

    what: str
    figure: str
    bound: str = ""
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "holds", False: "OVER"}[self.holds]


def not_measured(what: str, why: str) -> Row:
    """A row for what this machine cannot measure, or what broke while it was measured."""
    return Row(what, NOT_MEASURED, why)


def at_most(what: str, value: float, bound: float, *, figure: str, said: str) -> Row:
    """A row whose value may be the bound, and no more."""
    return Row(what, figure, f"at most {said}", value <= bound)


def at_least(what: str, value: float, bound: float, *, figure: str, said: str) -> Row:
    """A row whose value must be the bound, or more."""
    return Row(what, figure, f"at least {said}", value >= bound)


def spread(values: Sequence[float]) -> float:
    """How far the values are apart: the largest less the smallest, as a share of the median.

    Raises ValueError where there are none, or their median is nought.
    """
    middle = median(values) if values else 0
    if not middle:
        raise ValueError("There is nothing to compare.")
    return (max(values) - min(values)) / middle


def beside(yardsticks: Sequence[float], values: Sequence[float]) -> float:
    """The median ratio of each value to the mean of the yardstick just before and just after it.

    So a machine that is busy with something else for a while is busy for both. Raises ValueError
    unless there is one yardstick more than there are values.
    """
    if not values or len(yardsticks) != len(values) + 1:
        raise ValueError("There must be a yardstick before, between and after.")
    around = [fmean(pair) for pair in pairwise(yardsticks)]
    return median(value / mean for value, mean in zip(values, around, strict=True))


def chosen(given: str, names: Collection[str]) -> list[str]:
    """The names that begin with one of the words between commas; all of them where there is none.

    Raises ValueError for a word with which no name begins.
    """
    words = [word.strip() for word in given.split(",") if word.strip()]
    for word in words:
        if not any(name.startswith(word) for name in names):
            raise ValueError(f"The bench has no “{word}”. It has: {', '.join(names)}.")
    return [name for name in names if not words or name.startswith(tuple(words))]


@dataclass(slots=True)
class Table:
    """Prints rows as they come, and remembers which are over or not measured."""

    over: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    _head: str = ""

    def tell(self, row: Row) -> None:
        if not row.what.startswith(" "):
            self._head = row.what
        inner = row.what != self._head
        name = f"{self._head}: {row.what.strip()}" if inner else row.what
        if row.holds is False:
            self.over.append(name)
        if row.figure == NOT_MEASURED:
            self.missed.append(f"{name}: {row.bound}")
        print(f"{row.what:<58} {row.figure:>27}   {row.bound:<24} {row.verdict}", flush=True)

    def end(self) -> str:
        """What is over its bound, and what was not measured."""
        said = ["Over the bound:", *(f"  {name}" for name in self.over)]
        if not self.over:
            said = ["Everything that was measured is within its bound."]
        if self.missed:
            said += ["Not measured:", *(f"  {name}" for name in self.missed)]
        return "\n".join(said)
