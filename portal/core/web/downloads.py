"""A file to download: saved under its own name, and cached by nobody."""

from __future__ import annotations

from django.http import HttpResponse  # noqa: TID251 - an answer to a request, no act


def download(content: bytes | str, *, name: str, content_type: str) -> HttpResponse:
    """The answer that a browser saves as a file."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
