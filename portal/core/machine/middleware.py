"""Whom a request comes from, and what is answered while the machine fails.

That is 503 and when to come back: no error of the portal. Not at each view, nor by a middleware
that catches: what other middleware raises (the session is saved after the view) passes by those
around it. Django asks `handler500` about every error.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import defaults

from portal.core.machine.demo import SENTENCE, is_demo_on_the_net
from portal.core.machine.faults import Fault, fault_of
from portal.core.machine.outages import outage
from portal.core.models import Body
from portal.core.web.proxies import believe_proxies

log = logging.getLogger("portal.machine")

# Seconds after which a browser or a monitor may ask again.
RETRY_AFTER = 120
LEADS_ON = frozenset({302, 303})


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error (`handler500`): 503 where it is the machine's fault, else 500."""
    fault = fault_of(sys.exc_info()[1])
    if fault is None:
        return defaults.server_error(request)
    return unavailable(fault)


def unavailable(fault: Fault) -> HttpResponse:
    """The page while this fault lasts. It asks the database for nothing."""
    saves = fault in {Fault.FULL, Fault.READ_ONLY, Fault.DISK}
    page = render_to_string("503.html", {"saves": saves})
    return HttpResponse(
        page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    )


class ProxyMiddleware:
    """Before all others: what proxies say of a visitor, where they are ours (web/proxies.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.has_told = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        is_well = believe_proxies(request.META, settings.TRUSTED_PROXIES)
        if not is_well and settings.TRUSTED_PROXIES and not self.has_told:
            self.has_told = True
            log.warning(
                "%s sends the headers of a proxy, but PORTAL_TRUSTED_PROXIES does not name it. "
                "The headers are ignored.",
                peer,
            )
        return self.get_response(request)


class OutageMiddleware:
    """Ends an outage in the log once something has been written again: a form that was taken leads
    on (POST, redirect, GET), and only the choice of colours writes nothing for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        wrote = request.method == "POST" and response.status_code in LEADS_ON
        if wrote and outage.fault is not None and request.path != reverse("theme"):
            outage.over()
        return response


class DemoMiddleware:
    """Serves no page of the demo institute where others can come."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.LOCAL:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.is_well = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.is_well:
            if is_demo_on_the_net():
                return HttpResponse(
                    f"{SENTENCE}\n", status=503, content_type="text/plain; charset=utf-8"
                )
            # A database with its own body is never made into the demo institute.
            self.is_well = Body.objects.exists()
        return self.get_response(request)
