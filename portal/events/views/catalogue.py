"""The list “Training and events”, and the page of an event. Both are public."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.billing.models import Tax
from portal.billing.vat import Taxes, taxes_on
from portal.core.dates import on_day
from portal.core.web.links import address
from portal.events.availability import State, left_of, state_of
from portal.events.bookable import Asked
from portal.events.catalogue import Wanted, find_events
from portal.events.eligibility import needs_standing, who_may_take
from portal.events.forms import ONLINE, EventFilters
from portal.events.models import Event, Registration, RegistrationOption
from portal.events.near_words import meant
from portal.events.pricing import from_price, known_price, known_tax
from portal.events.reading_events import (
    A_PAGE,
    event_for_account,
    options_of,
    options_of_page,
)
from portal.events.refusals import Code
from portal.membership.standing import NO_MEMBERSHIP, standings


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    filters = EventFilters(request.GET if _asks(request) else None)
    taxes = taxes_on(on_day(at))
    wanted = _wanted(filters)
    events = find_events(wanted, taxes=taxes, at=at)
    mended = ""
    if wanted.words and not events.exists() and (mended := meant(wanted.words, at=at)):
        events = find_events(replace(wanted, words=mended), taxes=taxes, at=at)
    page = Paginator(events, A_PAGE).get_page(request.GET.get("page"))
    options = options_of_page(list(page), at=at)
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "events/list.html",
        {
            "filters": filters,
            "form_errors": filters.errors,
            "asked": wanted.words,
            "mended": mended,
            "cards": [_card(event, options[event.pk], taxes, at) for event in page],
            "page": page,
            "has_vat": taxes.is_registered,
            "query": f"{query.urlencode()}&" if query else "",
        },
    )


def _asks(request: HttpRequest) -> bool:
    return any(request.GET.get(name) for name in EventFilters.base_fields)


def _wanted(filters: EventFilters) -> Wanted:
    """What was asked for, as far as it can be understood."""
    if not filters.is_bound:
        return Wanted()
    filters.is_valid()
    asked = filters.cleaned_data
    where = asked.get("where")
    return Wanted(
        words=asked.get("q", ""),
        kind=asked.get("kind", ""),
        is_online=(where == ONLINE) if where else None,
        since=asked.get("since"),
        with_places=asked.get("places", False),
    )


def _card(
    event: Event, options: list[RegistrationOption], taxes: Taxes, at: datetime
) -> dict[str, Any]:
    tax = known_tax(event.tax_code, taxes)
    return {
        "event": event,
        "url": address("events:event", event.code),
        "when": event.when,
        "place": event.place or "Online",
        "price": from_price(options, tax),
        "state": state_of(event, options, Asked(at, is_ready=_is_ready(event, tax))),
    }


def _is_ready(event: Event, tax: Tax | None) -> bool:
    """The office has said what holds for the event (`with_terms`) and how it is taxed."""
    return tax is not None and event.usual_terms is not None


@require_safe
def event_page(request: HttpRequest, code: str) -> HttpResponse:
    at = timezone.now()
    event = event_for_account(code, user=request.user.pk, at=at)
    if event is None:
        raise Http404
    options = options_of(event.pk, at=at)
    tax = known_tax(event.tax_code, taxes_on(on_day(at)))
    state = _state(event, options, at, is_ready=_is_ready(event, tax))
    prices = [known_price(option, tax) for option in options]
    rows = [
        {
            "option": option,
            "who": who_may_take(option),
            "price": price,
            "left": state.text if state.code is Code.NOT_OPEN else left_of(option),
        }
        for option, price in zip(options, prices, strict=True)
    ]
    is_over = event.ends <= at
    registration = None
    if event.my_registration:
        registration = Registration.objects.select_related("order__booked_by").get(
            pk=event.my_registration
        )
    return render(
        request,
        "events/event.html",
        {
            "event": event,
            "rows": [] if is_over else rows,
            "price": from_price(options, tax),
            "has_vat": any(price and price.vat for price in prices),
            "state": state,
            "is_over": is_over,
            "can_register": state.is_open,
            "registration": registration,
        },
    )


def _state(
    event: Event, options: list[RegistrationOption], at: datetime, *, is_ready: bool
) -> State:
    """For a visitor and who has a place already that of the event, else that for this person."""
    member = None
    if event.me is not None and not event.my_registration and not event.my_hold:
        matters = any(needs_standing(option) for option in options)
        found = standings([event.me], on_day(at)) if matters else {}
        member = found.get(event.me, NO_MEMBERSHIP)
    return state_of(event, options, Asked(at, is_ready=is_ready, standing=member))
