"""The tab About me."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import render

from portal.core.dates import today
from portal.home.account_tabs import account_tabs
from portal.home.details import details
from portal.people.access import PersonRequest, person_required


@person_required
def about(request: PersonRequest) -> HttpResponse:
    """What the body knows of the person who is signed in."""
    second_step = Authenticator.objects.filter(
        user=request.user.pk, type=Authenticator.Type.TOTP
    ).exists()
    context = {
        "details": details(request.person, today()),
        "second_step": second_step,
        "has_password": request.user.has_usable_password(),
        "tabs": account_tabs(),
    }
    return render(request, "home/about.html", context)
