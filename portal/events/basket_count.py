"""The number at “Basket” in the heading of every page.

It is kept in the session, so that pages without a basket cost no query. Acts of the basket note
it, and so does signing in: the basket may have been filled on another machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.events.models import Hold

KEY = "basket_count"


def in_heading(request: Any) -> dict[str, Callable[[], int]]:
    """The context processor: `basket_count` for every template, looked up where it is shown."""

    return {"basket_count": lambda: noted(request)}


def noted(request: Any) -> int:
    """How many places are in the basket of who is signed in: no query."""
    user = getattr(request, "user", None)
    number: int = request.session.get(KEY, 0) if user and user.is_authenticated else 0
    return number


def note_basket(session: Any, number: int) -> None:
    """Keep the number; writes the session only where it has changed."""
    if number and session.get(KEY) != number:
        session[KEY] = number
    elif not number and KEY in session:
        del session[KEY]


def note_on_signing_in(request: Any, user: Any, **_: object) -> None:
    """Receives Django's `user_logged_in`."""
    if request is not None and hasattr(request, "session"):
        held = Hold.objects.filter(basket__owner__user=user, basket__closed_at=None)
        note_basket(request.session, held.count())
