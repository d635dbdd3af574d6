"""The outcome of an import, and how it reports its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.core.sheets.problems import Problem

Progress = Callable[[str, int, int], None]
"""Called with the phase (“Checking”), how many are done, and of how many."""


def quiet(phase: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Outcome:
    """What was done, in rows of the kind that is imported."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    was_dry_run: bool = False


class AnotherImport(Exception):
    """Another import is at work. Carries the sentence."""

    def __init__(self) -> None:
        super().__init__("Another import is running. Try again when it has finished.")
