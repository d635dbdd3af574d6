"""**Register myself**: option, special requirements, terms, **Save responses**."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.billing.models import Tax
from portal.billing.vat import taxes_on
from portal.core.dates import on_day
from portal.events.basket_count import note_basket
from portal.events.bookable import NOT_OPEN, Asked, Bookable, of_event
from portal.events.forms import RegistrationForm
from portal.events.holding_places import hold_place, rules_on
from portal.events.models import BookingRules, Event, Hold
from portal.events.option_choices import Choice, choices_for, option_in_words, wording_mark
from portal.events.pricing import known_tax
from portal.events.reading_events import event_for_person, options_of
from portal.events.refusals import BookingRefused, Code, DeclarationMissing
from portal.membership.standing import standing
from portal.people.access import PersonRequest, person_required
from portal.people.lost_form_words import typed_into
from portal.people.models import Person


@person_required
@typed_into(RegistrationForm, option=option_in_words)
def register(request: PersonRequest, code: str) -> HttpResponse:
    at = timezone.now()
    event = event_for_person(code, person=request.person, at=at)
    if event is None:
        raise Http404
    tax = known_tax(event.tax_code, taxes_on(on_day(at)))
    holds = Hold.objects.select_related("basket")
    hold = holds.filter(pk=event.my_hold).first() if event.my_hold else None
    asked = _asked(request.person, event, hold, tax, at)
    options = options_of(event.pk, at=at)
    refused = of_event(event, options, asked)
    if tax is None or refused:
        return _back_to(request, event, refused or NOT_OPEN)
    rules = rules_on(at)
    terms = event.terms or rules.terms
    choices = choices_for(event, options, asked, tax=tax)
    form = _form(request, event, choices, rules, terms, hold)
    if request.method == "POST" and form.is_valid():
        if _save(request, event, form, terms, at):
            return redirect("events:basket")
        options = options_of(event.pk, at=at)  # what refused it has changed them
        choices = choices_for(event, options, asked, tax=tax)
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
            "others": [
                {"option": choice.option, "who": choice.refusal, "price": choice.price}
                for choice in form.others
            ],
            "lacks_address": _lacks_address(request.person, choices),
        },
    )


def _lacks_address(person: Person, choices: list[Choice]) -> bool:
    """Said before anything is filled in: what has a price cannot be ordered without an address."""
    has_price = any(choice.price.net and not choice.refusal for choice in choices)
    return has_price and not person.addresses.exists()


def _asked(person: Person, event: Event, hold: Hold | None, tax: Tax | None, at: datetime) -> Asked:
    return Asked(
        at,
        is_ready=tax is not None and event.usual_terms is not None,
        standing=standing(person, on_day(at)),
        is_registered=event.my_registration is not None,
        own=hold.option_id if hold and hold.is_live(at) else None,
    )


def _back_to(request: PersonRequest, event: Event, refused: Bookable) -> HttpResponse:
    """The event's page; who is registered sees there that they are."""
    if refused.code is not Code.ALREADY_REGISTERED:
        messages.error(request, f"{refused.sentence}.")
    return redirect("events:event", event.code)


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
            "sessions": hold.session_keys,
        }
    return RegistrationForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        choices=choices,
        declaration=declaration,
        wording=wording_mark(terms, declaration),
        sessions=list(event.sessions.all()) if any(c.option.choose for c in choices) else (),
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
            sessions=answers.get("sessions", ()),
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
