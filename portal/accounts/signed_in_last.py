"""A signed cookie that says who was last signed in in this browser.

Rules:
- It is set while somebody is signed in and taken away when they sign out; it stays when the session
  is lost, and goes with the browser's window.
- It opens nothing. It says for whom what is typed after a lost session is kept
  (people/lost_forms.py).
- It has the time of the latest sign-in or change of password in this browser, so that a session
  that ended later from outside can be told from one that did not (sessions.py).
- Whoever has signed in on a device before is told by another cookie, which lasts
  (known_devices.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse  # noqa: TID251 - a cookie, no act
from django.utils import timezone

SALT = "portal.accounts.last_account"  # stays: browsers have such cookies


def last_account(request: HttpRequest, *, since: datetime | None = None) -> str | None:
    """The key of the account, None where nobody was signed in or the cookie is not ours.

    With `since`, also None where the cookie is older than that second.
    """
    age = None
    if since is not None:
        # The cookie has whole seconds; the half is for the time between the two clocks.
        age = timezone.now() - since.replace(microsecond=0) + timedelta(seconds=0.5)
    account: str | None = request.get_signed_cookie(
        settings.LAST_ACCOUNT_COOKIE_NAME, default=None, salt=SALT, max_age=age
    )
    return account


def signed_in_account(request: HttpRequest) -> str | None:
    """The key of the account of a session that has been looked at already: no query."""
    account: str | None = request.session.get(SESSION_KEY) if request.session.accessed else None
    return account


def note_last_account(request: HttpRequest, response: HttpResponse) -> None:
    """Bring the cookie up to what this request has done."""
    name = settings.LAST_ACCOUNT_COOKIE_NAME
    account = signed_in_account(request)
    is_new = getattr(request, "note_anew", False) or account != last_account(request)
    if account is not None and is_new:
        response.set_signed_cookie(
            name,
            account,
            salt=SALT,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    elif account is None and has_signed_out(request):
        response.delete_cookie(name, samesite="Lax")


def has_signed_out(request: HttpRequest) -> bool:
    """Whether this request was the person's own signing out."""
    return getattr(request, "signed_out", False)


def note_anew(request: HttpRequest) -> None:
    """Give the cookie the time of this request."""
    request.note_anew = True  # type: ignore[attr-defined]


@receiver(user_logged_in)
def _note_signing_in(request: HttpRequest, **_: Any) -> None:
    note_anew(request)


@receiver(user_logged_out)
def _note_signing_out(request: HttpRequest, **_: Any) -> None:
    request.signed_out = True  # type: ignore[attr-defined]
