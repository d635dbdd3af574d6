"""When a session last proved who uses it, and for how long that counts.

A proof is what signing in takes: the second step where the account has one, else the password or a
code by email. It is the session's, and no other session of the account has it. Who notes one is
accounts/noting_proofs.py; pages of every floor read it here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NoReturn

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest  # noqa: TID251 - about a request, no act

KEY = "proved_at"
LASTS = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def note_proof(session: SessionBase, *, at: datetime) -> None:
    session[KEY] = at.timestamp()


def proved_at(session: SessionBase) -> datetime | None:
    """When it was last proved; None where it never was."""
    noted = session.get(KEY)
    return None if noted is None else datetime.fromtimestamp(noted, UTC)


def is_fresh(proof: datetime | None, *, at: datetime) -> bool:
    """Whether a proof of then still counts."""
    return proof is not None and timedelta() <= at - proof < LASTS


def ask_for_proof(request: HttpRequest) -> NoReturn:
    """Leave the view for the page that asks for it. What was sent is kept, and sent again after.

    allauth sends it again only where the address it leads back to is a path alone: what follows
    the question mark is kept with what was sent.
    """
    _ = request.GET  # Django reads it from the address once
    request.META["QUERY_STRING"] = ""
    raise ReauthenticationRequired
