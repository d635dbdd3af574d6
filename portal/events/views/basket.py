"""The basket, and taking a line out of it."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.billing.readiness import NotReady
from portal.events.basket_count import note_basket
from portal.events.holding_places import release_place
from portal.events.models import Hold
from portal.events.order_review import open_review
from portal.people.access import PersonRequest, person_required

log = logging.getLogger("portal.events")


@require_safe
@cache_control(private=True, no_store=True)
@person_required
def basket(request: PersonRequest) -> HttpResponse:
    at = timezone.now()
    try:
        now = open_review(request.person, at=at)
    except NotReady as lack:
        return not_ready(request, lack)
    return render(
        request,
        "events/basket.html",
        {
            "review": now,
            "basket_count": len(now.lines) if now else 0,
        },
    )


def not_ready(request: PersonRequest, lack: NotReady) -> HttpResponse:
    """What the person sees while the basket cannot be priced; the log says what is lacking."""
    log.error("A basket cannot be priced: %s", lack)
    return render(request, "events/not_ready.html")


@person_required
@require_POST
def hold_removal(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a line out of one's own basket.

    The second of two clicks leads where the first one did, as does a line that is another's.
    """
    mine = Hold.objects.filter(basket__owner=request.person)
    hold = mine.select_related("attendee", "basket", "event", "option").filter(pk=pk).first()
    if hold is None:
        return redirect("events:basket")
    if release_place(hold, actor=request.person, at=timezone.now()):
        messages.success(request, f"“{hold.event.title}” is no longer in your basket.")
    note_basket(request.session, mine.filter(basket__closed_at=None).count())
    return redirect("events:basket")
