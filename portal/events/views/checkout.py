"""Checkout: review the order, **Submit order**."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from portal.billing.accounts import billing_address
from portal.billing.readiness import NotReady
from portal.core.forms.base import ErrorLink
from portal.events.basket_count import note_basket
from portal.events.booking import BasketChanged, submit_order
from portal.events.forms import CheckoutForm
from portal.events.models import Basket, Order
from portal.events.order_review import Review, open_review
from portal.events.refusals import BookingRefused
from portal.events.views.basket import not_ready
from portal.people.access import PersonRequest, person_required
from portal.people.lost_form_words import typed_into

log = logging.getLogger("portal.events")

NOT_READY = "We cannot take orders at the moment. Nothing has been ordered. Ask the office for help"


@person_required
@typed_into(CheckoutForm, binds=True)
def checkout(request: PersonRequest) -> HttpResponse:
    at = timezone.now()
    if request.method == "POST":
        return _submit(request, at)
    form = CheckoutForm(own_number=request.person.purchase_order_number, typed=request.typed)
    return _show(request, form, at)


def _submit(request: PersonRequest, at: datetime) -> HttpResponse:
    form = CheckoutForm(request.POST, own_number=request.person.purchase_order_number)
    is_good = form.is_valid()
    if "basket" not in form.cleaned_data:
        raise Http404
    mine = Basket.objects.filter(owner=request.person)
    basket = get_object_or_404(mine, pk=form.cleaned_data["basket"])
    if basket.closed_at:  # sent again, after Back
        return redirect("events:confirmation", Order.objects.get(basket=basket).number)
    if not is_good:
        return _show(request, form, at)
    try:
        order = submit_order(
            basket,
            actor=request.person,
            purchase_order=form.cleaned_data["purchase_order"],
            number_shown=form.cleaned_data["shown"] if "shown" in request.POST else None,
            reviewed=form.cleaned_data["reviewed"],
            at=at,
        )
    except BookingRefused as refusal:
        return _show(request, form, at, refusal=refusal)
    except BasketChanged as change:
        return _show(request, form, at, errors=[str(change)])
    except NotReady as lack:
        log.error("An order could not be taken: %s", lack)
        return _show(request, form, at, errors=[NOT_READY])
    note_basket(request.session, 0)
    return redirect("events:confirmation", order.number)


def _show(
    request: PersonRequest,
    form: CheckoutForm,
    at: datetime,
    *,
    refusal: BookingRefused | None = None,
    errors: list[str] | None = None,
) -> HttpResponse:
    try:
        now = open_review(request.person, at=at)
    except NotReady as lack:
        return not_ready(request, lack)
    if now is None:
        for error in errors or []:
            messages.error(request, error)
        return redirect("events:basket")
    links = [ErrorLink("", error) for error in errors or []]
    links += _refusals(now, refusal) if refusal else []
    links += form.error_summary
    return render(
        request,
        "events/checkout.html",
        {
            "review": now,
            "form": form,
            "form_errors": links,
            "address": billing_address(request.person),
            "was_signed_out": bool(request.typed),
            "basket_count": len(now.lines),
        },
    )


def _refusals(now: Review, refusal: BookingRefused) -> list[ErrorLink]:
    """Each refused line with its sentence, there and in the summary."""
    said = dict(refusal.lines)
    for line in now.lines:
        line.refusal = said.get(line.hold.pk, line.refusal)
    links = [
        ErrorLink(
            f"line-{line.hold.pk}",
            f"{line.hold.event.title}: {line.refusal}" if len(now.lines) > 1 else str(line.refusal),
        )
        for line in now.refused
    ]
    return links or [ErrorLink("", str(refusal))]
