"""Ending the sessions of an account.

Rules: a session ends with what it was opened by. So all of an account's sessions end when its
password changes (Django's own), when a second step is set up, taken away or given new recovery
codes, when it is closed, and when it gains or loses the rights of the office. The session that did
it goes on.
"""

from __future__ import annotations

import secrets

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest  # noqa: TID251 - keeps the session of a request

from portal.accounts.models import User


def end_sessions(user: User) -> None:
    """Every session of the account ends at its next page. In the caller's transaction."""
    user.session_stamp = secrets.token_urlsafe(16)
    user.save(update_fields=["session_stamp"])


def keep_session(request: HttpRequest) -> None:
    """Let the session that has just done it go on, under a new key."""
    assert isinstance(request.user, User)  # noqa: S101 - who is signed in
    update_session_auth_hash(request, request.user)
