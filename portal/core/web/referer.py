"""The page of ours that a request came from, and the one that it wants to go on to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest  # noqa: TID251 - about a request, no act
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PAGE = 2_000  # characters of an address that one is led to


def page_before(request: HttpRequest) -> str:
    """Its address without the host, such as that of a form that was sent; else the front page."""
    page = request.headers.get("Referer", "")
    if not is_ours(page, host=request.get_host()):
        return "/"
    parts = urlsplit(page)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    # A path may begin with two strokes: without its host it would lead to another.
    return path if is_ours(path) else "/"


def page_after(request: HttpRequest) -> str:
    """What `next` names of our own pages, sent with the form or in the address; else nothing."""
    page = request.POST.get("next") or request.GET.get("next", "")
    return page if page.startswith("/") and is_ours(page) else ""


def is_ours(page: str, *, host: str | None = None) -> bool:
    """Whether an address is a page of this portal, so that one may be led there."""
    hosts = {host} if host else None
    return len(page) <= LONGEST_PAGE and url_has_allowed_host_and_scheme(page, allowed_hosts=hosts)
