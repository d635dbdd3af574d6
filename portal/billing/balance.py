"""The status of an invoice, for one row and for many. Nothing else works it out.

Never stored: the total is part of the issued row, and all that became of it is the sum of its
allocations (models/ledger.py), each signed: one that was taken back counts for nothing.

- What is owed is the total, less all that is allocated to it: money, credit notes, a write-off.
- Credited is what credit notes name it for, whether or not it was owed any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.core.money import Money

OPEN = "Open"
OVERDUE = "Overdue"
PART_PAID = "Part paid"
PAID = "Paid"
PART_CREDITED = "Part credited"
CREDITED = "Credited"
WRITTEN_OFF = "Written off"

#: The tone of each on a page: a tag of the design system.
TONES = {
    OPEN: "info",
    PART_PAID: "info",
    OVERDUE: "warning",
    PAID: "success",
    PART_CREDITED: "info",
    CREDITED: "neutral",
    WRITTEN_OFF: "neutral",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The total of an invoice and what became of it.

    `allocated` is all that settles it: money, `by_credit` of credit notes (`by_own_credit` of those
    that name it), and what was `written_off`. `credited` is the total of those that name it.
    """

    gross: Money
    allocated: Money
    by_credit: Money
    by_own_credit: Money
    written_off: Money
    credited: Money

    @property
    def owed(self) -> Money:
        return self.gross - self.allocated

    @property
    def paid(self) -> Money:
        """In money."""
        return self.allocated - self.by_credit - self.written_off

    @property
    def came_off(self) -> list[tuple[str, Money]]:
        """What came off the total so far, in words and signed amounts: with the total they make
        what is owed. What was credited after it was paid is credit of the account, or was.
        """
        parts = [
            ("Credited", -self.credited),
            ("Paid", -self.paid),
            ("Credit used", -(self.by_credit - self.by_own_credit)),
            ("Written off", -self.written_off),
            ("Became credit", self.credited - self.by_own_credit),
        ]
        return [(text, amount) for text, amount in parts if amount]

    @property
    def is_settled(self) -> bool:
        return self.owed.pence <= 0

    def status(self, *, due_on: date, on: date) -> str:
        """In a word, on a London day."""
        if self.is_settled:
            return self._settled_as()
        if on > due_on:
            return OVERDUE
        if self.credited:
            return PART_CREDITED
        return PART_PAID if self.allocated else OPEN

    def _settled_as(self) -> str:
        if self.credited and self.credited >= self.gross:
            return CREDITED
        if self.written_off:
            return WRITTEN_OFF
        return PART_CREDITED if self.credited else PAID
