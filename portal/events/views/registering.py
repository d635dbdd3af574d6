"""**Register myself**: option, special requirements, terms, **Save responses**."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from portal.billing.readiness import NotReady
from portal.billing.vat import taxes_on
from portal.core.dates import on_day
from portal.events.basket_count import note_basket
from portal.events.eligibility import DeclarationMissing
from portal.events.forms import RegistrationForm
from portal.events.holding import hold_place, rules_on
from portal.events.models import BookingRules, Event, Hold
from portal.events.offering import Choice, choices_for, option_in_words, wording_mark
from portal.events.pricing import tax_of
from portal.events.refusals import BookingRefused
from portal.membership.standing import standing
from portal.people.access import PersonRequest, person_required
from portal.people.typed import typed_into

NOT_OPEN = "Registration for this event is not open yet. Ask the office when it will be."
BEGUN = "This event has begun, so nobody can register for it any more."


@person_required
@typed_into(RegistrationForm, option=option_in_words)
def register(request: PersonRequest, code: str) -> HttpResponse:
    at = timezone.now()
    found = Event.objects.with_tax(on_day(at)).with_part_of(request.person)
    event = get_object_or_404(found, code=code)
    if event.my_registration:
        return redirect("events:event", event.code)  # which says so
    if event.has_begun(at):
        messages.error(request, BEGUN)
        return redirect("events:event", event.code)
    hold = Hold.objects.filter(pk=event.my_hold).first() if event.my_hold else None
    try:
        rules = rules_on(at)
        choices = _choices(request, event, hold, at)
    except NotReady:
        messages.error(request, NOT_OPEN)
        return redirect("events:event", event.code)
    terms = event.terms or rules.terms
    form = _form(request, event, choices, rules, terms, hold)
    if request.method == "POST" and form.is_valid():
        if _save(request, event, form, terms, at):
            return redirect("events:basket")
        choices = _choices(request, event, hold, at)  # what refused it has changed them
        form.offer(choices)
    return render(
        request,
        "events/register.html",
        {
            "event": event,
            "form": form,
            "terms": terms,
            "is_change": hold is not None,
            "nothing_open": all(choice.refusal for choice in choices),
        },
    )


def _choices(request: PersonRequest, event: Event, hold: Hold | None, at: datetime) -> list[Choice]:
    day = on_day(at)
    return choices_for(
        event.options.with_taken(at),
        standing=standing(request.person, day),
        tax=tax_of(event.tax_code, taxes_on(day)),
        held=hold.option_id if hold else None,
    )


def _form(
    request: PersonRequest,
    event: Event,
    choices: list[Choice],
    rules: BookingRules,
    terms: str,
    hold: Hold | None,
) -> RegistrationForm:
    is_funded = any(choice.option.is_funded for choice in choices)
    declaration = rules.funded_declaration if is_funded else ""
    initial: dict[str, Any] = {}
    if hold:
        initial = {
            "option": str(hold.option_id),
            "special_requirements": hold.special_requirements,
            "declaration": bool(hold.declaration) and hold.declaration == declaration,
            "agree": hold.agreed_terms == terms,
        }
    return RegistrationForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        choices=choices,
        declaration=declaration,
        wording=wording_mark(terms, declaration),
        funding_link=event.funding_link,
    )


def _save(
    request: PersonRequest, event: Event, form: RegistrationForm, terms: str, at: datetime
) -> bool:
    """Hold the place; what refuses it stands at its field."""
    answers = form.cleaned_data
    declared: forms.Field | None = form.fields.get("declaration")
    try:
        basket = hold_place(
            event,
            option=form.chosen,
            attendee=request.person,
            booked_by=request.person,
            special_requirements=answers["special_requirements"],
            agreed_terms=terms,
            declaration=str(declared.label) if declared and answers["declaration"] else "",
            at=at,
        )
    except DeclarationMissing as refusal:
        form.add_error("declaration", str(refusal))
    except BookingRefused as refusal:
        form.add_error("option", str(refusal))
    else:
        note_basket(request.session, basket.holds.count())
        return True
    return False
