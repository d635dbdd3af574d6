"""Answers that replace a page: health, too much data, unreadable forms, no body yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import resolve
from django.views import defaults

from portal.core.background.registry import held_nudges
from portal.core.body.details import BodyMissing
from portal.core.text.characters import tidied_form
from portal.core.web.referer import page_before
from portal.core.web.request_bounds import Refusal, refusal_of_fields, refusal_of_request

Handler = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers who looks after the machine, by whatever name or address they ask.

    A load balancer asks each machine by its address, which is none of ALLOWED_HOSTS. The answers
    tell nothing of anybody and make no links, so the name does not matter here, nor do sessions.
    """

    ADDRESSES = frozenset({"/healthz", "/readyz"})

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in self.ADDRESSES:
            view: Handler = resolve(request.path_info).func
            return view(request)
        return self.get_response(request)


class NudgeLastMiddleware:
    """Wakes the jobs that a page has nudged when the page has written everything, its session too:
    so it stands outside of the session's middleware."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with held_nudges():
            return self.get_response(request)


class FormCharsetMiddleware:
    """Refuses a form in another charset than browsers send our forms in.

    Django reads such a form only when it is asked for, in the midst of a page, and falls over it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = (request.content_params or {}).get("charset", "utf-8")
        if said.lower() not in {"utf-8", "utf8", "us-ascii"}:
            return HttpResponse(
                "Send this form in UTF-8.\n", status=415, content_type="text/plain; charset=utf-8"
            )
        return self.get_response(request)


class BoundsMiddleware:
    """Refuses what is too much (request_bounds.py), before a session or the database is asked.

    A form is read here, where what is wrong with it can still be answered plainly; and tidied here,
    once for the forms of members, of the office and of libraries (core/text/characters.py).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = refusal_of_request(request.META) or _refusal_of_form(request)
        if refusal is not None:
            return HttpResponse(
                f"{refusal.sentence}\n",
                status=refusal.status,
                content_type="text/plain; charset=utf-8",
            )
        if request.method == "POST":
            request.POST = tidied_form(request.POST)  # type: ignore[assignment]
        if request.GET:
            request.GET = tidied_form(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _refusal_of_form(request: HttpRequest) -> Refusal | None:
    if request.method != "POST":
        return None
    try:
        return refusal_of_fields(request.POST.lists())
    except SuspiciousOperation:  # what Django counts
        return Refusal(400, "This form has too many fields, or a file. Go back and send it again.")
    except (BadRequest, MultiPartParserError, UnreadablePostError):
        return Refusal(400, "Only part of this form arrived. Go back and send it again.")


class BodyMissingMiddleware:
    """Answers for a view that needs the body.

    Django shows it neither the page of an unknown address (`not_found` below) nor what another
    middleware's `process_view` raises: that one answers by itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, _: HttpRequest, exception: Exception) -> HttpResponse | None:
        return not_set_up() if isinstance(exception, BodyMissing) else None


def not_set_up() -> HttpResponse:
    """What every address answers until there is a body."""
    return HttpResponse(
        "This portal is not set up yet. If you look after it, run `portal body --help`.\n",
        status=503,
        content_type="text/plain; charset=utf-8",
    )


def not_found(request: HttpRequest, exception: Exception, **options: Any) -> HttpResponse:
    """The page of an address that is none; it has the body's name (`handler404`)."""
    try:
        return defaults.page_not_found(request, exception, **options)
    except BodyMissing:
        return not_set_up()


def not_of_this_visit(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The page of a form without its token, with the way back to it."""
    try:
        context = {"page_before": page_before(request)}
        return render(request, "403_csrf.html", context, status=403)
    except BodyMissing:
        return not_set_up()
