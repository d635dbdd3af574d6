"""What the office has to enter before anybody can register for an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.billing.models import SupplierDetails
from portal.billing.readiness import NotReady, if_registered
from portal.billing.vat import Taxes, taxes_on
from portal.core.dates import short_date
from portal.core.readiness import Lack
from portal.events.models import BookingRules, EventTax, Kind

RULES_MISSING = Lack(
    "There are no booking rules for today. Enter the terms and the declaration for funded "
    "places in the office, under Events, Booking rules.",
    "admin:events_bookingrules_add",
)


def missing(on: date) -> list[str]:
    """A sentence for each thing that registering lacks on this day; empty when it is ready."""
    sentences = missing_for(Kind.values, on)
    if SupplierDetails.objects.in_force(on) is None:
        taxed = EventTax.objects.begun(on).values_list("kind", flat=True)
        lacks = (tax_missing(kind, on) for kind in Kind.values if kind not in set(taxed))
        sentences += [if_registered(lack) for lack in lacks]
    return sentences


def missing_for(kinds: Iterable[str], on: date) -> list[str]:
    """As `missing`, for events of these kinds."""
    sentences: list[str] = [] if BookingRules.objects.in_force(on) else [RULES_MISSING]
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


def tax_missing(kind: str, on: date) -> Lack:
    return Lack(
        f"There is no tax for “{Kind(kind).label}” on {short_date(on)}. Enter it in the office, "
        "under Events, Event taxes.",
        "admin:events_eventtax_add",
    )
