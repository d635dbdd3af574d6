"""Pages and files that every body has: its brand colours, the choice of theme, the health of the
machine."""

from __future__ import annotations

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.core.background.waiting import late
from portal.core.body.brand import brand_sheet, brand_version
from portal.core.machine.faults import fault_of
from portal.core.machine.outages import outage
from portal.core.web.context import THEMES
from portal.core.web.referer import is_ours

YEAR = 60 * 60 * 24 * 365


@require_safe
def brand_css(_: HttpRequest, version: str) -> HttpResponse:
    """The brand colour as custom properties, kept for a year.

    At the address of other shades, which an older page or version has: those of now, not kept.
    """
    colour = f"#{version[:6]}"
    response = HttpResponse(brand_sheet(colour), content_type="text/css; charset=utf-8")
    if version == brand_version(colour):
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme for a year; anything but light or dark follows the system."""
    target = request.POST.get("next", "/")
    if not is_ours(target, host=request.get_host()):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE_NAME,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    else:
        response.delete_cookie(settings.THEME_COOKIE_NAME, samesite="Lax")
    return response


@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; below that, what the background work leaves undone.

    That is no reason to take the pages away: only who asks for all (`?all`) has 503 for it.
    """
    try:
        waits = late(timezone.now())
    except Error as error:
        fault = fault_of(error)
        if fault is None:
            raise
        outage.note(error)
        return _in_lines([fault.sentence], status=503)
    if waits and "all" in request.GET:
        return _in_lines(waits, status=503)
    return _in_lines(["ready", *waits])


def _in_lines(lines: list[str], *, status: int = 200) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), status=status, content_type="text/plain")
