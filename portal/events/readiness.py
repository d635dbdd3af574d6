"""What the office has to enter before anybody can register for an event."""

from __future__ import annotations

from datetime import date

from portal.billing.vat import taxes_on
from portal.core.dates import short_date
from portal.events.models import BookingRules, EventTax, Kind

RULES_MISSING = (
    "No booking rules hold yet: enter the terms and the declaration for funded places in the "
    "office, under Events, Booking rules."
)


def missing(on: date) -> list[str]:
    """A sentence for each thing that registering lacks on this day; empty when it is ready."""
    sentences = [] if BookingRules.objects.in_force(on) else [RULES_MISSING]
    if taxes_on(on).is_registered:
        taxed = set(EventTax.objects.begun(on).values_list("kind", flat=True))
        sentences += [tax_missing(kind, on) for kind in Kind if kind not in taxed]
    return sentences


def tax_missing(kind: str, on: date) -> str:
    return (
        f"No tax for “{Kind(kind).label}” holds on {short_date(on)}: enter it in the office, "
        "under Events, Event taxes."
    )
