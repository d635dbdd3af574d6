"""A signed cookie that says who has signed in on this device (OWASP, “device cookie”).

Rules:
- It names the accounts that have signed in here, the newest few, for a year. It stays when somebody
  signs out, loses the session or changes the password; closing or deleting an account makes it
  worthless.
- It opens nothing. Whose device it is, their attempts are counted apart from those of strangers
  (limits.py), so that no stranger's attempts stop theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse  # noqa: TID251 - a cookie, no act
from django.utils.crypto import get_random_string

from portal.accounts.models import User
from portal.accounts.signed_in_last import signed_in_account

SALT = "portal.accounts.device"  # stays: cookies last for a year
VALID_FOR = timedelta(days=365)
MOST = 5


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its random name, and the keys of accounts, the newest first."""

    name: str
    accounts: tuple[str, ...]


def known_device(request: HttpRequest) -> Device | None:
    """The device, None where nobody has signed in within a year or the cookie is not ours."""
    said = request.get_signed_cookie(
        settings.DEVICE_COOKIE_NAME, default=None, salt=SALT, max_age=VALID_FOR
    )
    if said is None:
        return None
    name, *accounts = said.split(".")
    return Device(name, tuple(accounts))


def device_of(request: HttpRequest, *, email: str) -> str | None:
    """What the device is counted by for the account at this address, if it has signed in here."""
    device = known_device(request)
    if device is None:
        return None
    own = User.objects.with_email(email).filter(pk__in=device.accounts, is_active=True)
    account = own.values_list("pk", flat=True).first()
    return None if account is None else f"{device.name}.{account}"


def note_device(request: HttpRequest, response: HttpResponse) -> None:
    """Bring the cookie up to what this request has done; again at each sign-in."""
    account = signed_in_account(request)
    if account is None:
        return
    device = known_device(request)
    accounts = device.accounts if device else ()
    if accounts[:1] == (account,) and not getattr(request, "has_signed_in", False):
        return
    newest = [account, *(other for other in accounts if other != account)][:MOST]
    response.set_signed_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join([device.name if device else get_random_string(22), *newest]),
        salt=SALT,
        max_age=VALID_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver(user_logged_in)
def _note_signing_in(request: Any, **_: Any) -> None:
    request.has_signed_in = True
