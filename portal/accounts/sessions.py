"""Ending the sessions of an account, and saying why to the person whose session it was.

Rules:
- A session ends with what opened it. All sessions of an account end when its password changes
  (Django's own), when its second step is set up, removed or given new recovery codes, when it is
  closed, and when it gains or loses the rights of the office. The session that did it goes on.
- The reason is given on the sign-in page, and only in a browser where the account was signed in
  before its sessions ended (signed_in_last.py). Anybody else learns nothing about the account.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth import update_session_auth_hash
from django.dispatch import receiver
from django.http import HttpRequest  # noqa: TID251 - keeps the session of a request
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.signed_in_last import last_account, note_anew


def end_sessions(user: User, *, why: User.SessionsEnded, at: datetime) -> None:
    """Every session of the account ends at its next page. In the caller's transaction."""
    user.session_stamp = secrets.token_urlsafe(16)
    user.sessions_ended_why = why
    user.sessions_ended_at = at
    user.save(update_fields=["session_stamp", "sessions_ended_why", "sessions_ended_at"])


def keep_session(request: HttpRequest) -> None:
    """Let the session that has just done it go on, under a new key."""
    assert isinstance(request.user, User)  # noqa: S101 - who is signed in
    update_session_auth_hash(request, request.user)
    note_anew(request)


def why_signed_out(request: HttpRequest) -> str:
    """Why the account that was signed in in this browser no longer is, as a sentence.

    Empty where somebody is signed in, nobody was, or the sessions have not ended since then. Costs
    one query, and only in a browser where somebody was signed in.
    """
    key = last_account(request)
    if key is None or request.user.is_authenticated:
        return ""
    user = User.objects.filter(pk=key).exclude(sessions_ended_at=None).first()
    if user is None or last_account(request, since=user.sessions_ended_at) is not None:
        return ""
    return f"You were signed out because {User.SessionsEnded(user.sessions_ended_why).label}."


@receiver([password_changed, password_reset, password_set])
def _note_new_password(request: HttpRequest, user: User, **_: object) -> None:
    """Django ends the other sessions by itself; the one that has set the password goes on."""
    user.sessions_ended_why = User.SessionsEnded.PASSWORD
    user.sessions_ended_at = timezone.now()
    user.save(update_fields=["sessions_ended_why", "sessions_ended_at"])
    note_anew(request)
