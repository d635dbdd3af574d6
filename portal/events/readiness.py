"""What the office has to enter before anybody can register for an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.billing.readiness import NotReady
from portal.billing.vat import Taxes, taxes_on
from portal.core.dates import short_date
from portal.events.models import BookingRules, EventTax, Kind

RULES_MISSING = (
    "No booking rules hold yet: enter the terms and the declaration for funded places in the "
    "office, under Events, Booking rules."
)


def missing(on: date) -> list[str]:
    """A sentence for each thing that registering lacks on this day; empty when it is ready."""
    return missing_for(Kind.values, on)


def missing_for(kinds: Iterable[str], on: date) -> list[str]:
    """As `missing`, for events of these kinds."""
    sentences = [] if BookingRules.objects.in_force(on) else [RULES_MISSING]
    taxes = taxes_on(on)
    if taxes.is_registered:
        lacks = (_lack_of(kind, taxes) for kind in Kind.values if kind in set(kinds))
        sentences += [lack for lack in lacks if lack]
    return list(dict.fromkeys(sentences))


def _lack_of(kind: str, taxes: Taxes) -> str:
    """The tax of a kind of event, or its rate, where it is missing."""
    event_tax = EventTax.objects.filter(kind=kind).in_force(taxes.on)
    if event_tax is None:
        return tax_missing(kind, taxes.on)
    try:
        taxes.tax(event_tax.tax_code)
    except NotReady as lack:
        return str(lack)
    return ""


def tax_missing(kind: str, on: date) -> str:
    return (
        f"No tax for “{Kind(kind).label}” holds on {short_date(on)}: enter it in the office, "
        "under Events, Event taxes."
    )
