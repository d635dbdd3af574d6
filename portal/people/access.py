"""Who may see a page, and the way back for people who were signed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from portal.accounts.models import User
from portal.accounts.signed_in_last import last_account
from portal.core.rows.prepared import PreparedRow
from portal.core.web.referer import page_before
from portal.people.lost_form_words import readable
from portal.people.lost_forms import Kept, forget, keep, kept_for
from portal.people.models import Person

P = ParamSpec("P")
_OF_ACCOUNT = PreparedRow(Person, lambda account: Person.objects.filter(user=account))
WITHOUT = "without"  # the button that gives up what was typed


class PersonRequest(HttpRequest):
    """A request that `person_required` has let through."""

    person: Person
    user: User
    # What was typed before the session was lost, on the page of a form that binds.
    typed: Mapping[str, str]


def person_required(
    view: Callable[Concatenate[PersonRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for whoever is signed in and whose account belongs to a person; sets `request.person`.

    Whoever is not signed in is led to the sign-in page and comes back, with what they typed
    (lost_forms.py): so it stands outside of `require_POST` and the like. An account that waits for
    the office to say whose it is sees the waiting page, with status 403. One query.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(_way_back(request))
        person = person_of(request)
        if person is None:
            return render(request, "people/waiting.html", status=403)
        request.person = person  # type: ignore[attr-defined]
        request.typed = {}  # type: ignore[attr-defined]
        if request.method == "POST":
            kept = _kept(request)
            forget(request.session, request.path)
            if kept and WITHOUT in request.POST:
                return redirect(kept.origin)
        elif (kept := _kept(request)) and getattr(view, "binds", False):
            request.typed = dict(kept.fields)  # type: ignore[attr-defined]
        elif kept:
            return _offer(request, kept, readable(view, kept.fields))
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapped  # type: ignore[return-value]


def _way_back(request: HttpRequest) -> str:
    """Where to go on after signing in. What was typed and cannot be kept is begun again."""
    if request.method != "POST":
        return request.get_full_path()
    account = last_account(request)
    is_kept = account is not None and keep(
        request.session,
        account=account,
        path=request.path,
        address=request.get_full_path(),
        origin=page_before(request),
        typed=request.POST.lists(),
        at=timezone.now(),
    )
    return request.get_full_path() if is_kept else page_before(request)


def _kept(request: HttpRequest) -> Kept | None:
    return kept_for(request.session, request.path, account=str(request.user.pk), at=timezone.now())


def _offer(request: HttpRequest, kept: Kept, shown: list[tuple[str, str]]) -> HttpResponse:
    """Let the person see and send again what they typed, or give it up."""
    context = {"kept": kept, "shown": shown, "without": WITHOUT}
    response = render(request, "people/signed_out.html", context)
    add_never_cache_headers(response)
    return response


def person_of(request: HttpRequest) -> Person | None:
    """The person of the signed-in account, None for a visitor or a waiting account."""
    if not request.user.is_authenticated:
        return None
    return _OF_ACCOUNT.first(request.user.pk)
