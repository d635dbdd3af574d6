"""Who was signed in last in this browser, told by a signed cookie.

Rules:
- It is set while somebody is signed in and taken away when they sign out; it stays when the session
  is lost, and goes with the browser's window.
- It opens nothing. It says for whom what is typed after a lost session is kept
  (people/lost_forms.py).
- Who has signed in on a device before is told by another cookie, which lasts (known_devices.py).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse  # noqa: TID251 - a cookie, no act

SALT = "portal.accounts.last_account"  # stays: browsers have such cookies


def last_account(request: HttpRequest) -> str | None:
    """The key of the account, None where nobody was signed in or the cookie is not ours."""
    name = settings.LAST_ACCOUNT_COOKIE_NAME
    account: str | None = request.get_signed_cookie(name, default=None, salt=SALT)
    return account


def signed_in_account(request: HttpRequest) -> str | None:
    """The key of the account of a session that has been looked at already: no query."""
    account: str | None = request.session.get(SESSION_KEY) if request.session.accessed else None
    return account


def note_last_account(request: HttpRequest, response: HttpResponse) -> None:
    """Bring the cookie up to what this request has done."""
    name = settings.LAST_ACCOUNT_COOKIE_NAME
    account = signed_in_account(request)
    if account is not None and account != last_account(request):
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


@receiver(user_logged_out)
def _note_signing_out(request: HttpRequest, **_: Any) -> None:
    request.signed_out = True  # type: ignore[attr-defined]
