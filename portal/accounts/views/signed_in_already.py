"""People who sign in in one tab and then send a sign-in form from another.

Signing in gives the browser another token for its forms, so that what is in the older tab is
refused. There is nothing to refuse any more: the person is in, and goes on to where they wanted to
go. A page that is still of use (an invitation, a new password, to show who they are) is opened
again instead.
"""

from __future__ import annotations

from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html

from portal.core.web.middleware import not_of_this_visit

WAYS_IN = {
    "account_login",
    "account_signup",
    "account_email_verification_sent",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "account_reset_password",
    "lost_address",
}
OPENED_AGAIN = {
    "people:invitation",
    "account_reset_password_from_key",
    "account_reauthenticate",
    "mfa_reauthenticate",
}


def without_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not that of the browser (`CSRF_FAILURE_VIEW`)."""
    match = request.resolver_match
    name = match.view_name if match and request.user.is_authenticated else ""
    if name in WAYS_IN:
        return go_on(request)
    if name in OPENED_AGAIN:
        messages.info(request, "You have since signed in in another tab. Enter it again.")
        return redirect(request.get_full_path())
    return not_of_this_visit(request, reason)


def go_on(request: HttpRequest) -> HttpResponse:
    """To where they wanted to go, and say as whom."""
    messages.info(request, f"You are signed in already, as {request.user}.")
    return redirect(get_next_redirect_url(request) or "front")


def leads_on(page: str) -> dict[str, Any]:
    """The hidden field that says where the person wanted to go: they go on there,
    also where they have signed in in another tab."""
    if not page:
        return {}
    field = format_html('<input type="hidden" name="{}" value="{}">', REDIRECT_FIELD_NAME, page)
    return {"redirect_field": field}
