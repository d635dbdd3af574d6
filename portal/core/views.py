"""Pages and files that every body has: its brand colours, the choice of theme, the health of the
machine."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.core.brand import brand_sheet, brand_version
from portal.core.context import THEMES
from portal.core.referer import is_ours

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
            "theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    else:
        response.delete_cookie("theme")
    return response


@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_: HttpRequest) -> HttpResponse:
    """The database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")
