"""What the front page says to a person: their membership, what they owe, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.billing.models import Invoice
from portal.core.dates import on_day
from portal.core.money import Money
from portal.events.models import Registration
from portal.membership.standing import Standing, standing
from portal.people.models import Person


@dataclass(frozen=True)
class Overview:
    """`owed` is the sum of what is still owed on the `open_invoices`."""

    standing: Standing
    open_invoices: int
    overdue_invoices: int
    owed: Money
    next_registration: Registration | None


def overview(person: Person, at: datetime) -> Overview:
    """Four queries at most, whatever there is."""
    today = on_day(at)
    owing = list(Invoice.objects.for_person(person).open())
    registrations = Registration.objects.for_attendee(person).upcoming(at)
    return Overview(
        standing=standing(person, today),
        open_invoices=len(owing),
        overdue_invoices=sum(invoice.due_on < today for invoice in owing),
        owed=Money.total(invoice.balance for invoice in owing),
        next_registration=registrations.select_related("event").first(),
    )
