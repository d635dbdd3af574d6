"""What every template may count on. One query: the body."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.core.body import the_body

THEMES = ("light", "dark")


def portal(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    return {
        "body": SimpleLazyObject(the_body),
        "theme": theme if theme in THEMES else "",
        "basket_count": lambda: _basket_count(request),
    }


def _basket_count(request: HttpRequest) -> int:
    """How many places are in the basket: kept in the session by the app that fills it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    count: int = request.session.get("basket_count", 0)
    return count
