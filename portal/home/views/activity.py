"""The tab Activity: invoices, open ones first, and the training record (guide, sections 5 and 6).

Two queries, whatever there is: the person's invoices and the person's registrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from portal.billing import balance
from portal.billing.models import Invoice
from portal.core.dates import today
from portal.events.models import Event, Registration
from portal.home.account_tabs import account_tabs
from portal.people.access import PersonRequest, person_required
from portal.people.models import Person

PAST = 10  # how much of the past is shown until all of it is asked for
ROWS = 200  # how much is read for that: what is open or to come is never near this many
TONES = {
    balance.OPEN: "info",
    balance.PART_PAID: "info",
    balance.OVERDUE: "warning",
    balance.PAID: "success",
}


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    invoice: Invoice
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class EventRow:
    registration: Registration
    event: Event
    booked_by: Person | None  # None: the person's own booking
    points: str


@require_GET
@person_required
def activity(request: PersonRequest) -> HttpResponse:
    shown = request.GET.get("show", "")
    now = timezone.now()
    open_rows, paid = _invoices(request.person, everything=shown == "invoices")
    upcoming, previous = _registrations(request.person, now, everything=shown == "events")
    return render(
        request,
        "home/activity.html",
        {
            "tabs": account_tabs(),
            "open_invoices": open_rows,
            "paid_invoices": paid if shown == "invoices" else paid[:PAST],
            "more_paid": shown != "invoices" and len(paid) > PAST,
            "upcoming": upcoming,
            "previous": previous if shown == "events" else previous[:PAST],
            "more_previous": shown != "events" and len(previous) > PAST,
        },
    )


def _invoices(person: Person, *, everything: bool) -> tuple[list[InvoiceRow], list[InvoiceRow]]:
    """Open ones, the first due first; paid ones, the newest first."""
    rows = Invoice.objects.for_person(person).open_first().with_summary()
    on = today()
    open_rows: list[InvoiceRow] = []
    paid: list[InvoiceRow] = []
    for invoice in rows if everything else rows[:ROWS]:
        status = balance.status(invoice, on)
        row = InvoiceRow(invoice, status, TONES[status])
        (paid if status == balance.PAID else open_rows).append(row)
    open_rows.sort(key=lambda row: (row.invoice.due_on, row.invoice.sequence))
    return open_rows, paid


def _registrations(
    person: Person, now: datetime, *, everything: bool
) -> tuple[list[EventRow], list[EventRow]]:
    """Upcoming ones, the next first; previous ones, the latest first."""
    rows = (
        Registration.objects.for_attendee(person)
        .select_related("event", "order__booked_by")
        .only(
            "attendee_id",
            "event__code",
            "event__title",
            "event__starts",
            "event__ends",
            "event__place",
            "event__online_link",
            "event__cpd_points",
            "order__booked_by__first_name",
            "order__booked_by__last_name",
        )
        .order_by("-event__ends", "-pk")
    )
    upcoming: list[EventRow] = []
    previous: list[EventRow] = []
    for registration in rows if everything else rows[:ROWS]:
        event, order = registration.event, registration.order
        booked_by = None if order.booked_by_id == person.pk else order.booked_by
        row = EventRow(registration, event, booked_by, _points(event.cpd_points))
        (upcoming if event.ends > now else previous).append(row)
    upcoming.sort(key=lambda row: (row.event.starts, row.registration.pk))
    return upcoming, previous


def _points(points: Decimal | None) -> str:
    """6, 1.5, or a dash where there are none."""
    return "–" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")
