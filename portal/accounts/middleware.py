"""What a browser keeps of a person; a second step for staff, where the body asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from portal.accounts.device import note_device
from portal.accounts.last_account import has_signed_out, note_last_account, signed_in_account
from portal.accounts.second_step import has_second_step
from portal.core.body import BodyMissing, the_body
from portal.core.middleware import not_set_up

# What staff reach before they have set it up: the way to set it up, the way out, and what pages
# are made of.
OPEN = {
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "brand_css",
    "theme",
    "healthz",
    "readyz",
}


class SignedInMiddleware:
    """What a browser keeps of a person: whose session it was (last_account.py), that they have
    signed in on it (device.py), and for how long their pages.

    Pages of who is signed in are kept by no cache that others share, and asked for again before
    they are shown; signing out clears them (docs/decisions/0009-what-back-shows.md). Costs no
    query: it looks only at a session in use.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        note_last_account(request, response)
        note_device(request, response)
        if signed_in_account(request) is not None:
            response.headers.setdefault("Cache-Control", "private, no-cache, must-revalidate")
        elif has_signed_out(request):
            response["Clear-Site-Data"] = '"cache"'
        return response


class StaffSecondStepMiddleware:
    """Leads staff who have no authenticator app to set one up; nobody is excepted by account.

    Costs no query for others: the account is already there for the page's head.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN:
            return None
        try:
            if not _lacks_second_step(request):
                return None
        except BodyMissing:
            return not_set_up()
        messages.info(
            request, "Staff sign in with a second step. Set it up to go on: it takes a minute."
        )
        return redirect(_set_up_for(request))


def _set_up_for(request: HttpRequest) -> str:
    """Where to set it up; from there the page that was asked for is gone on to."""
    path = reverse("mfa_activate_totp")
    if request.method != "GET" or request.path == reverse("front"):
        return path
    return f"{path}?{urlencode({'next': request.get_full_path()})}"


def _lacks_second_step(request: HttpRequest) -> bool:
    user = request.user
    return (
        user.is_authenticated
        and user.is_staff
        and the_body().body.staff_second_step
        and not has_second_step(user.pk)
    )
