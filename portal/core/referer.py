"""The page of ours that a request came from, and the one that it wants to go on to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest  # noqa: TID251 - about a request, no act
from django.utils.http import url_has_allowed_host_and_scheme


def page_before(request: HttpRequest) -> str:
    """Its address without the host, such as that of a form that was sent; else the front page."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(page)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    # A path may begin with two strokes: without its host it would lead to another.
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def page_after(request: HttpRequest) -> str:
    """What `next` names of our own pages, sent with the form or in the address; else nothing."""
    page = request.POST.get("next") or request.GET.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours else ""
