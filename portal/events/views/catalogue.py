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
from portal.events.attending import sessions_of
from portal.events.availability import scarcity_of
from portal.events.basket_count import noted
from portal.events.bookable import Asked, for_who_asks
from portal.events.catalogue import Wanted, find_events
from portal.events.eligibility import needs_standing, who_may_take
from portal.events.forms import ONLINE, EventFilters
from portal.events.models import Event, Registration, RegistrationOption
from portal.events.near_words import meant
from portal.events.option_choices import offer_of
from portal.events.own_events import Own, own_part
from portal.events.pricing import Price, known_price, known_tax
from portal.events.reading_events import (
    A_PAGE,
    event_for_account,
    options_of,
    options_of_page,
)
from portal.events.refusals import Code
from portal.membership.standing import NO_MEMBERSHIP, Standing, standings
from portal.people.access import person_of


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
    events_shown = list(page)
    own = own_part(person_of(request), events_shown, has_basket=bool(noted(request)), at=at)
    options = options_of_page(events_shown, at=at)
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
            "cards": [_card(event, options[event.pk], taxes, own, at) for event in events_shown],
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
    event: Event, options: list[RegistrationOption], taxes: Taxes, own: Own, at: datetime
) -> dict[str, Any]:
    tax = known_tax(event.tax_code, taxes)
    asked = Asked(at, is_ready=_is_ready(event, tax), standing=own.standing)
    return {
        "event": event,
        "url": address("events:event", event.code),
        "offer": offer_of(event, options, asked, tax=tax),
        **_own_mark(event, own),
    }


def _own_mark(event: Event, own: Own) -> dict[str, str]:
    """What stands in the place of the price where the person has a place, and where it leads."""
    if event.pk in own.registered:
        order = own.order_in(event)
        where = ("events:order", order) if order else ("events:event", event.code)
        return {"mark": "You are registered", "mark_url": address(*where)}
    if event.pk in own.held:
        return {"mark": "In your basket", "mark_url": address("events:basket")}
    return {"mark": ""}


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
    asked = Asked(at, is_ready=_is_ready(event, tax), standing=_standing_for(event, options, at))
    offer = offer_of(event, options, asked, tax=tax)
    prices = {option.pk: known_price(option, tax) for option in options}
    is_over = event.ends <= at
    theirs, others = ([], []) if is_over else for_who_asks(options, asked)
    is_open = offer.state.code is not Code.NOT_OPEN
    sessions, covers = sessions_of(event, options) if event.has_parts else ([], {})
    return render(
        request,
        "events/event.html",
        {
            "event": event,
            "sessions": sessions,
            "rows": [_way(each, prices, covers, left=is_open) for each in theirs],
            "others": [_way(each, prices, covers, who=why_not) for each, why_not in others],
            "offer": offer,
            "has_vat": any(price and price.vat for price in prices.values()),
            "state": offer.state,
            "is_over": is_over,
            "registration": _registration_of(event),
        },
    )


def _way(
    option: RegistrationOption,
    prices: dict[int, Price | None],
    covers: dict[int, str],
    *,
    who: str = "",
    left: bool = False,
) -> dict[str, Any]:
    """A way to register; `who` says why it is not for who asks, `left` whether places are told."""
    return {
        "option": option,
        "who": who or who_may_take(option),
        "covers": covers.get(option.pk, ""),
        "price": prices[option.pk],
        "left": scarcity_of(option) if left else "",
    }


def _registration_of(event: Event) -> Registration | None:
    """The person's own, as `event_for_account` found its key."""
    if not event.my_registration:
        return None
    rows = Registration.objects.select_related("order__booked_by")
    return rows.get(pk=event.my_registration)


def _standing_for(event: Event, options: list[RegistrationOption], at: datetime) -> Standing | None:
    """None for a visitor and for who has a place already: they see the event as everybody does."""
    if event.me is None or event.my_registration or event.my_hold:
        return None
    if not any(needs_standing(option) for option in options):
        return NO_MEMBERSHIP
    return standings([event.me], on_day(at)).get(event.me, NO_MEMBERSHIP)
