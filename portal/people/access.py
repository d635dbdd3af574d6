"""Who may see a page: the signed-in person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.accounts.models import User
from portal.people.models import Person

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request that `person_required` has let through."""

    person: Person
    user: User


def person_required(
    view: Callable[Concatenate[PersonRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for who is signed in and whose account belongs to a person; sets `request.person`.

    Who is not signed in is led to the sign-in page and comes back. An account that waits for the
    office to say whose it is sees the waiting page, with status 403. One query.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        person = person_of(request)
        if person is None:
            return render(request, "people/waiting.html", status=403)
        request.person = person  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapped  # type: ignore[return-value]


def person_of(request: HttpRequest) -> Person | None:
    """The person of the signed-in account, None for a visitor or a waiting account."""
    if not request.user.is_authenticated:
        return None
    return Person.objects.filter(user=request.user.pk).first()
