"""What a session has proved: that it signed in, and that it passed the second step.

Rules:
- A session has passed the second step where a code of the account's app, or a recovery code, was
  entered in it, or where it has set the app up itself by a right code. One that was signed in by
  the password before another set it up has not.
- It has passed that one app: where another is set up in its place it proves again.
- Whoever is half signed in, by the password or a code by email, when the account's sessions end
  begins again: the second step alone does not let them in.
- Signing in counts as a proof, as does confirming with the password where there is no second step.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.signals import authentication_step_completed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest  # noqa: TID251 - allauth tells of requests
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.second_step import app_of
from portal.core.web.proofs import note_proof

KEY = "second_step"
BEGUN = "sign_in_begun"


def has_passed(session: SessionBase, app: Authenticator) -> bool:
    """Whether this session has proved that its person has this app."""
    return bool(session.get(KEY) == app.pk)


def note_second_step(session: SessionBase, app: Authenticator, *, at: datetime) -> None:
    session[KEY] = app.pk
    note_proof(session, at=at)


@receiver(authenticator_used)
def _note_code(request: HttpRequest, user: Any, **_: Any) -> None:
    app = app_of(user.pk)
    if app is not None:
        note_second_step(request.session, app, at=timezone.now())


@receiver(user_logged_in)
def _note_signing_in(request: HttpRequest, **_: Any) -> None:
    note_proof(request.session, at=timezone.now())


def note_beginning(session: SessionBase, user: User) -> None:
    """This session has taken the first step of signing in, by password or code."""
    session[BEGUN] = user.get_session_auth_hash()


def has_ended_meanwhile(session: SessionBase, user: User) -> bool:
    """Whether the account's sessions have ended since this one began to sign in."""
    known = (None, user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return session.get(BEGUN) not in known


@receiver(authentication_step_completed)
def _note_step(
    request: HttpRequest, user: User, method: str, *, reauthenticated: bool = False, **_: Any
) -> None:
    if reauthenticated:
        note_proof(request.session, at=timezone.now())
    elif method != "mfa":
        note_beginning(request.session, user)
