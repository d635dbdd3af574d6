"""The tab Activity: open invoices first, and the training record (guide, sections 5 and 6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.billing import balance
from portal.billing.credit_to_use import credit_seen_by
from portal.billing.listing_invoices import InvoiceList, ListedInvoice
from portal.billing.owing import owed_by_account
from portal.core.dates import short_date, today
from portal.core.web.links import address
from portal.events.models.orders import order_number
from portal.events.ordered import own_order
from portal.home.training_record import RecordedEvent, record_of
from portal.people.access import PersonRequest, person_required
from portal.people.models import Person

_INVOICES = InvoiceList(own_order)
PAST = 10  # how much of the past is shown until all of it is asked for


@require_safe
@person_required
def activity(request: PersonRequest) -> HttpResponse:
    shown = request.GET.get("show", "")
    person = request.person
    unpaid, paid = _invoices(person, everything=shown == "invoices")
    upcoming, previous = record_of(person, timezone.now(), everything=shown == "events")
    paid_shown = len(paid) if shown == "invoices" else PAST
    previous_shown = len(previous) if shown == "events" else PAST
    return render(
        request,
        "home/activity.html",
        {
            "account_tab": "activity",
            "credit": credit_seen_by(person),
            "owed": owed_by_account(unpaid, on=today()),
            "open_invoices": _invoice_rows(unpaid),
            "paid_invoices": _invoice_rows(paid[:paid_shown]),
            "more_paid": len(paid) > paid_shown,
            "upcoming": _event_rows(upcoming, person),
            "previous": _event_rows(previous[:previous_shown], person),
            "more_previous": len(previous) > previous_shown,
        },
    )


def _invoices(
    person: Person, *, everything: bool
) -> tuple[list[ListedInvoice], list[ListedInvoice]]:
    """Open ones, the first due first; paid ones, the newest first."""
    unpaid: list[ListedInvoice] = []
    paid: list[ListedInvoice] = []
    for invoice in _INVOICES.of(person, everything=everything):
        (unpaid if invoice.balance.pence > 0 else paid).append(invoice)
    unpaid.sort(key=lambda invoice: (invoice.due_on, invoice.number))
    return unpaid, paid


def _invoice_rows(invoices: list[ListedInvoice]) -> list[dict[str, Any]]:
    """Ready for the page: what a template works out for each of many rows costs the most."""
    on = today()
    rows = []
    for invoice in invoices:
        status = invoice.status(on)
        remark = ""
        if invoice.balance.pence > 0:
            remark = f"due {short_date(invoice.due_on)}"
        if remark and invoice.balance != invoice.gross:
            remark = f"{invoice.balance} left to pay, {remark}"
        rows.append(
            {
                "number": invoice.number,
                "url": address("billing:invoice", invoice.number),
                "date": short_date(invoice.issued_on),
                "summary": f"{invoice.organisation}: {invoice.summary}".removeprefix(": "),
                "total": str(invoice.gross),
                "status": status,
                "tone": balance.TONES[status],
                "remark": remark,
                "order": (order := order_number(invoice.came_of)),
                "order_url": address("events:order", order) if order else "",
            }
        )
    return rows


def _event_rows(events: list[RecordedEvent], person: Person) -> list[dict[str, Any]]:
    return [
        {
            "title": event.title,
            "url": address("events:event", event.code),
            "booked_by": "" if event.booked_by == person.pk else event.booker,
            "when": event.when,
            "place": event.place,
            "online_link": event.online_link,
            "points": event.points,
            "calendar": address("events:calendar", event.registration),
            **_papers(event, person),
        }
        for event in events
    ]


def _papers(event: RecordedEvent, person: Person) -> dict[str, str]:
    """The order and the invoice, for who booked it: nobody else may see them."""
    if event.booked_by != person.pk:
        return {}
    order, invoice = order_number(event.order), event.invoice or ""
    return {
        "order": order,
        "order_url": address("events:order", order),
        "invoice": invoice,
        "invoice_url": address("billing:invoice", invoice) if invoice else "",
    }
