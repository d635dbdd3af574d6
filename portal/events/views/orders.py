"""Pages of an order: confirmation, order and calendar file. Only the person who ordered finds
them.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.billing.purchase_orders import number_of
from portal.core.web.downloads import download
from portal.events.attending import load_sessions
from portal.events.calendars import calendar_file
from portal.events.models import Order, Registration
from portal.events.pricing import Price
from portal.people.access import PersonRequest, person_required


@require_safe
@person_required
def order(request: PersonRequest, number: str) -> HttpResponse:
    return render(request, "events/order.html", _order(request, number))


@require_safe
@person_required
def confirmation(request: PersonRequest, number: str) -> HttpResponse:
    return render(request, "events/confirmation.html", _order(request, number))


def _order(request: PersonRequest, number: str) -> dict[str, Any]:
    mine = Order.objects.for_person(request.person).numbered(number)
    found = get_object_or_404(
        mine.select_related("invoice__account__person", "invoice__own_purchase_order")
    )
    registrations = found.registrations.select_related(
        "event", "option", "attendee", "invoice_line"
    ).order_by("pk")
    load_sessions(registrations)
    return {
        "order": found,
        "purchase_order": number_of(found.invoice) if found.invoice else "",
        "places": [(registration, _price(registration)) for registration in registrations],
        "person": request.person,
        "help_reference": f"Order {found.number}",
    }


def _price(registration: Registration) -> str:
    line = registration.invoice_line
    return str(Price(registration.net, line.tax)) if line else "Free"


@require_safe
@person_required
def calendar(request: PersonRequest, pk: int) -> HttpResponse:
    seen = Registration.objects.taking_a_place().seen_by(request.person)
    registration = get_object_or_404(seen.select_related("event", "order", "attendee"), pk=pk)
    load_sessions([registration])
    return download(
        calendar_file([registration], at=timezone.now()),
        name=f"{registration.event.code}.ics",
        content_type="text/calendar; charset=utf-8",
    )
