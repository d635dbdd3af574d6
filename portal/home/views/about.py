"""The tab About me."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from portal.accounts.second_step import has_second_step
from portal.core.dates import today
from portal.home.about_me import details
from portal.people.access import PersonRequest, person_required


@person_required
def about(request: PersonRequest) -> HttpResponse:
    """What the body knows of the person who is signed in."""
    context = {
        "details": details(request.person, today()),
        "second_step": has_second_step(request.user.pk),
        "has_password": request.user.has_usable_password(),
        "account_tab": "about",
    }
    return render(request, "home/about.html", context)
