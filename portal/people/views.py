"""Pages of persons: accepting an invitation, the purchase order number."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.people.access import PersonRequest, person_required
from portal.people.forms import InvitationForm, PurchaseOrderForm
from portal.people.inviting import InvitationUnusable, accept, open_invitation, renew
from portal.people.purchase_orders import change_purchase_order
from portal.people.typed import typed_into


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Set a password by the link of an invitation, and be signed in."""
    limited: HttpResponse | None = consume_or_429(request, action="invitation")
    if limited:
        return limited
    try:
        found = open_invitation(token, at=timezone.now())
        form = InvitationForm(request.POST or None, person=found.person, email=found.email)
        if not form.is_valid():
            context = {"form": form, "invitation": found}
            return render(request, "people/invitation.html", context)
        user = accept(token, password=form.cleaned_data["password"], at=timezone.now())
    except InvitationUnusable:
        return render(request, "people/invitation_unusable.html", {"token": token}, status=410)
    response: HttpResponseBase = perform_login(
        request, user, email=user.email, redirect_url=reverse("front")
    )
    if request.user.pk == user.pk:  # not where a second step is still to come
        record_authentication(request, user, method="password", reauthenticated=True)
    messages.success(request, "Your password is set. Welcome.")
    return response


@require_POST
def new_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a new link in the place of one that no longer works; always the same answer."""
    limited: HttpResponse | None = consume_or_429(request, action="new_invitation", key=token)
    if limited:
        return limited
    renew(token, at=timezone.now())
    return redirect("people:invitation_sent")


def invitation_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "people/invitation_sent.html")


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
