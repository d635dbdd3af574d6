"""What every template may count on. One query: the body."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.functional import SimpleLazyObject

from portal.core.body.details import the_body

THEMES = ("light", "dark")


def portal(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return {
        "body": SimpleLazyObject(the_body),
        "theme": theme if theme in THEMES else "",
        # Django's own masks it anew wherever it is looked at, three times for each form.
        "csrf_token": SimpleLazyObject(partial(get_token, request)),
    }
