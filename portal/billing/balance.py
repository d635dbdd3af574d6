"""How an invoice stands, from what it comes to, what was paid, when it was due, and the day.

Never stored: the totals are part of the issued row, what was paid is the sum of its allocations.
"""

from __future__ import annotations

from datetime import date

from portal.core.money import Money

OPEN = "Open"
OVERDUE = "Overdue"
PART_PAID = "Part paid"
PAID = "Paid"

#: The tone of each on a page: a tag of the design system.
TONES = {OPEN: "info", PART_PAID: "info", OVERDUE: "warning", PAID: "success"}


def status_of(gross: Money, received: Money, due_on: date, on: date) -> str:
    """Paid; else Overdue from the day after it was due; else Part paid or Open."""
    if received >= gross:
        return PAID
    if on > due_on:
        return OVERDUE
    return PART_PAID if received else OPEN
