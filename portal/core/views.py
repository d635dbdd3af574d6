"""Pages and files that every body has: its brand colours, the choice of theme, the health of the
machine."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.core.colours import dark_tint, for_dark_pages, light_tint, mix
from portal.core.context import THEMES

YEAR = 60 * 60 * 24 * 365


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def brand_css(_: HttpRequest, version: str) -> HttpResponse:
    """The brand colour as custom properties; the address changes with the colour."""
    colour = f"#{version.upper()}"
    dark = for_dark_pages(colour)
    light_rule = f"--brand:{colour};--brand-strong:{mix(colour, '#000000', 0.2)};"
    light_rule += f"--brand-tint:{light_tint(colour)};--on-brand:#FFFFFF"
    dark_rule = f"--brand:{dark};--brand-strong:{mix(dark, '#FFFFFF', 0.2)};"
    dark_rule += f"--brand-tint:{dark_tint(colour)};--on-brand:#0D1015"
    css = (
        f"@layer tokens{{:root{{{light_rule}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark_rule}}}}}"
        f":root[data-theme=dark]{{{dark_rule}}}"
        f"@media print{{:root{{{light_rule}}}}}}}"
    )
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme for a year; anything but light or dark follows the system."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
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
