"""What the front page says to a person: their membership, what is owed, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.billing.listing_invoices import invoices_of
from portal.billing.owing import Owed, owed_by_account
from portal.core.dates import on_day
from portal.events.models import Basket, Registration
from portal.membership.standing import Standing, standing
from portal.people.models import Person


@dataclass(frozen=True)
class Overview:
    """`owed` is the person's own debt; `owed_by_others` that of organisations whose contact they
    are. `in_basket` is how many places are waiting to be ordered."""

    standing: Standing
    owed: Owed | None
    owed_by_others: list[Owed]
    next_registration: Registration | None
    in_basket: int


def overview(person: Person, at: datetime) -> Overview:
    """Four queries, whatever there is."""
    today = on_day(at)
    owed = owed_by_account(invoices_of(person, everything=False), on=today)
    registrations = Registration.objects.taking_a_place().for_attendee(person).upcoming(at)
    return Overview(
        standing=standing(person, today),
        owed=next((each for each in owed if not each.organisation), None),
        owed_by_others=[each for each in owed if each.organisation],
        next_registration=registrations.select_related("event").first(),
        in_basket=Basket.objects.open().filter(owner=person, holds__isnull=False).count(),
    )
