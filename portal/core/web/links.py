"""Addresses of pages, in full for mails and documents."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.urls import reverse


@lru_cache(maxsize=10_000)
def address(name: str, *args: object) -> str:
    """The address of a named page, for who asks for that of each of many rows.

    Django works each out anew, at 24 µs; while a process lives they stay the same.
    """
    return reverse(name, args=args)


def absolute(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"


def absolute_url(name: str, *args: object) -> str:
    """The full address of a named page."""
    return absolute(address(name, *args))
