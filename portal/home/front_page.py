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
    """`owed` is what is still owed on all `open_invoices`; `first_due` is the one due first."""

    standing: Standing
    open_invoices: int
    overdue_invoices: int
    owed: Money
    first_due: Invoice | None
    next_registration: Registration | None


def overview(person: Person, at: datetime) -> Overview:
    """Four queries at most, whatever there is."""
    today = on_day(at)
    owing = list(Invoice.objects.for_person(person).open())
    registrations = Registration.objects.taking_a_place().for_attendee(person).upcoming(at)
    return Overview(
        standing=standing(person, today),
        open_invoices=len(owing),
        overdue_invoices=sum(invoice.due_on < today for invoice in owing),
        owed=Money.total(invoice.balance for invoice in owing),
        first_due=min(owing, key=lambda invoice: (invoice.due_on, invoice.pk), default=None),
        next_registration=registrations.select_related("event").first(),
    )
