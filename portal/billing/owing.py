"""What is owed, and by whom: the person themselves, or organisations whose contact they are.

An organisation's invoices are never the person's own debt, however many of them they see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.core.money import Money


class Owing(Protocol):
    """An invoice on which something is owed. `organisation`: who owes it; empty for the person."""

    @property
    def number(self) -> str: ...
    @property
    def due_on(self) -> date: ...
    @property
    def organisation(self) -> str: ...
    @property
    def balance(self) -> Money: ...


@dataclass(frozen=True, slots=True)
class Owed:
    """What one account owes: on how many invoices, how many of them overdue, and the first due."""

    organisation: str
    total: Money
    invoices: int
    overdue: int
    first: Owing


def owed_by_account(invoices: Iterable[Owing], *, on: date) -> list[Owed]:
    """The person's own first, then the organisations by name. Nothing for who owes nothing."""
    by_whom: dict[str, list[Owing]] = {}
    for invoice in invoices:
        if invoice.balance.pence > 0:
            by_whom.setdefault(invoice.organisation, []).append(invoice)
    return [
        Owed(
            organisation,
            Money.total(invoice.balance for invoice in theirs),
            len(theirs),
            sum(invoice.due_on < on for invoice in theirs),
            min(theirs, key=lambda invoice: (invoice.due_on, invoice.number)),
        )
        for organisation, theirs in sorted(by_whom.items())
    ]
