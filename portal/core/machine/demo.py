"""The demo institute runs only on one's own machine, because everybody can read its passwords."""

from __future__ import annotations

from django.conf import settings
from django.db import Error

from portal.core.models import Body

SENTENCE = (
    "The demo institute is for http://localhost only, because its passwords are public. Set "
    "DATABASE_URL to another database, or make a new one with `portal setup`."
)


def is_demo_on_the_net() -> bool:
    """Whether the database is the demo institute's and PORTAL_URL is where others come.

    Raises the database's error.
    """
    return not settings.LOCAL and Body.objects.filter(is_demo=True).exists()


def refusal() -> str:
    """The sentence where it must not be served; empty also where the database does not tell."""
    try:
        return SENTENCE if is_demo_on_the_net() else ""
    except Error:
        return ""
