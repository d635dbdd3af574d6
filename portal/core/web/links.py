"""Full addresses, for mails and documents."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def absolute(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"


def absolute_url(name: str, *args: object) -> str:
    """The full address of a named page."""
    return absolute(reverse(name, args=args))
