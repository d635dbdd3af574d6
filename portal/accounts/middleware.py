"""What a browser keeps about a person, and the second step that staff need if the body asks for
it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from portal.accounts.known_devices import note_device
from portal.accounts.noting_proofs import has_passed
from portal.accounts.second_step import app_of
from portal.accounts.signed_in_last import has_signed_out, note_last_account, signed_in_account
from portal.core.body.details import BodyMissing, the_body
from portal.core.web.middleware import not_set_up
from portal.core.web.referer import page_before

# What staff reach before they have set it up: the way to set it up, the way out, and what pages
# are made of.
OPEN = {
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "brand_css",
    "theme",
}
# Everybody may read them, signed in or not.
PUBLIC = {"help", "events:list", "events:event"}
# They show or change a second step: for whoever has one, only in a session that has passed it.
ITS_PAGES = {
    "mfa_index",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}


class SignedInMiddleware:
    """What a browser keeps of a person: whose session it was (signed_in_last.py), that they have
    signed in on it (known_devices.py), and for how long their pages.

    Pages of whoever is signed in are kept by no cache that others share, and asked for again
    before they are shown; signing out clears them (docs/decisions/0009-what-back-shows.md). Costs
    no query: it looks only at a session in use.
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
    """Staff go on in a session that has passed their second step; nobody is excepted by account.

    Whoever has none is led to set it up, and who has one but has not passed it in this session
    (noting_proofs.py) to enter a code. The pages about a second step ask for it of everybody who
    has one. Costs no query for others: the account is already there for the page's head.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN or not request.user.is_authenticated:
            return None
        try:
            is_required = request.user.is_staff and the_body().body.staff_second_step
        except BodyMissing:
            return not_set_up()
        if not is_required and match.view_name not in ITS_PAGES:
            return None
        if match.view_name in PUBLIC:
            return None
        app = app_of(request.user.pk)
        if app is not None:
            return None if has_passed(request.session, app) else _to_prove_it(request)
        return _to_set_it_up(request) if is_required else None


def _to_set_it_up(request: HttpRequest) -> HttpResponse:
    messages.info(
        request, "Staff sign in with a second step. Set yours up to continue. It takes a minute."
    )
    return redirect(_and_on("mfa_activate_totp", request))


def _to_prove_it(request: HttpRequest) -> HttpResponse:
    messages.info(
        request,
        "Enter a code from your authenticator app to continue in this browser.",
    )
    return redirect(_and_on("mfa_reauthenticate", request))


def _and_on(name: str, request: HttpRequest) -> str:
    """A page that leads on to the one that was asked for, or that the form that was sent is on."""
    wanted = request.get_full_path() if request.method == "GET" else page_before(request)
    path = reverse(name)
    return path if wanted == reverse("front") else f"{path}?{urlencode({'next': wanted})}"
