"""For anyone who no longer knows, or can no longer read, the address they sign in with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.accounts.forms import ForgottenPasswordForm
from portal.accounts.limits import Attempt, TooOften, count_from_network, count_search
from portal.core.text.comparing import as_number
from portal.home.forms import LostAddressForm
from portal.membership.forgotten_username import ask_for_username


def lost_address(request: HttpRequest) -> HttpResponse:
    """Have somebody looked up, to write to the address on file; the answer is always the same."""
    if request.method != "POST":
        return redirect("account_reset_password")
    form = LostAddressForm(request.POST)
    if not form.is_valid():
        return _again(request, form)
    given = form.cleaned_data
    key = as_number(given["number"] or f"{given['last_name']} {given['postcode']}")
    try:
        count_from_network(request, Attempt.SEARCHES)
        count_search(request, typed=key)
    except TooOften as error:
        form.add_error(None, str(error))
        return _again(request, form)
    ask_for_username(**given, at=timezone.now())
    return redirect("lost_address_sent")


def _again(request: HttpRequest, form: LostAddressForm) -> HttpResponse:
    context = {
        "form": ForgottenPasswordForm(),
        "lost_form": form,
        "form_errors": form.error_summary,
    }
    return render(request, "home/forgotten.html", context)


def lost_address_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "home/lost_address_sent.html")
