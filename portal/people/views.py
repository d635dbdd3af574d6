"""Pages of persons: accepting an invitation, the purchase order number."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.limits import Attempt, TooOften, count_from_network, count_link
from portal.accounts.models import User
from portal.accounts.noting_proofs import note_beginning
from portal.core.forms.bounds import LONGEST_PASSWORD
from portal.core.web.referer import page_after
from portal.people.access import PersonRequest, person_required
from portal.people.addresses import HasAddress, add_first_address
from portal.people.default_purchase_order import change_purchase_order
from portal.people.forms import AddressForm, InvitationForm, PurchaseOrderForm
from portal.people.inviting import (
    InvitationUnusable,
    accept,
    accepted_just_now,
    ask_for_new_link,
    open_invitation,
)
from portal.people.lost_form_words import typed_into


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Set a password by the link of an invitation, and be signed in."""
    refusal = _too_often(request)
    try:
        found = open_invitation(token, at=timezone.now())
        form = InvitationForm(request.POST or None, person=found.person, email=found.email)
        if refusal and form.is_valid():
            form.add_error("password", refusal)
        if not form.is_valid():
            context = {"form": form, "invitation": found}
            return render(request, "people/invitation.html", context)
        user = accept(token, password=form.cleaned_data["password"], at=timezone.now())
    except InvitationUnusable:
        again = None if refusal else _second_of_two_clicks(request, token)
        if again is None:
            return _unusable(request, token, refusal, status=429 if refusal else 410)
        user = again
    return _signed_in(request, user)


def _too_often(request: HttpRequest) -> str:
    """The sentence where this network has sent too many; else "", and it is counted."""
    try:
        if request.method == "POST":
            count_from_network(request, Attempt.INVITATIONS)
    except TooOften as error:
        return str(error)
    return ""


def _second_of_two_clicks(request: HttpRequest, token: str) -> User | None:
    typed = request.POST.get("password", "")
    is_one = 0 < len(typed.encode()) <= LONGEST_PASSWORD
    return accepted_just_now(token, password=typed, at=timezone.now()) if is_one else None


def _unusable(
    request: HttpRequest, token: str, refusal: str = "", *, status: int = 410
) -> HttpResponse:
    if refusal:
        messages.warning(request, f"{refusal}.")
    return render(request, "people/invitation_unusable.html", {"token": token}, status=status)


def _signed_in(request: HttpRequest, user: User) -> HttpResponseBase:
    note_beginning(request.session, user)
    response: HttpResponseBase = perform_login(
        request, user, email=user.email, redirect_url=reverse("front")
    )
    messages.success(request, "Your password is set. Welcome.")
    return response


@require_POST
def new_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a new link instead of one that no longer works; always the same answer."""
    try:
        count_from_network(request, Attempt.LINKS)
        count_link(token)
    except TooOften as error:
        return _unusable(request, token, str(error))
    ask_for_new_link(token, at=timezone.now())
    return redirect("people:invitation_sent")


def invitation_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "people/invitation_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
@typed_into(AddressForm)
def address(request: PersonRequest) -> HttpResponse:
    """Add one's first address; from the checkout it leads back there."""
    after = page_after(request)
    form = AddressForm(request.POST or None)
    refusal = HasAddress() if request.person.addresses.exists() else None
    if request.method == "POST" and form.is_valid():
        try:
            add_first_address(
                request.person,
                address=form.save(commit=False),
                actor=request.user,
                at=timezone.now(),
            )
        except HasAddress as error:
            refusal = error
        else:
            messages.success(request, "Your address is saved.")
            return redirect(after or "account:about")
    if refusal:
        messages.info(request, str(refusal))
        return redirect(after or "account:about")
    return render(request, "people/address.html", {"form": form, "after": after})


@person_required
@typed_into(PurchaseOrderForm)
def purchase_order(request: PersonRequest) -> HttpResponse:
    """Change the purchase order number of one's details."""
    person = request.person
    form = PurchaseOrderForm(request.POST or None, initial={"number": person.purchase_order_number})
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        change_purchase_order(person, number=number, actor=request.user, at=timezone.now())
        messages.success(request, "Your purchase order number is saved.")
        return redirect("account:about")
    return render(request, "people/purchase_order.html", {"form": form})
