"""How often something may be tried at an account.

Rules:
- Nobody is shut out by others. What is tried on a device that has signed in to the account is
  counted for that device alone (device.py); all others together have one count per address, and
  what is sent from one network address has a limit of its own, wide enough for a training room.
- Where strangers have used up the mails to an address, what was sent to it is still a way in.
- What an address is counted by is its one spelling, whether it has an account or not.
- The limits stand in ACCOUNT_RATE_LIMITS: those that end in `_own` are for devices of the account.
"""

from __future__ import annotations

from enum import StrEnum

from allauth.core import ratelimit
from django.http import HttpRequest  # noqa: TID251 - who tries

from portal.accounts.device import device_of, known_device
from portal.core.email_address import tidy_email

OWN = "_own"
TRIED_TOO_OFTEN = "That was tried too often. Wait five minutes, then try again"
ENOUGH_CODES = (
    "We have sent several emails to this address, so we send no more for now. Use the newest one: "
    "its code works for 10 minutes. After that you can ask for another."
)
ENOUGH_LINKS = (
    "We have sent several emails to this address, so we send no more for now. Use the newest one, "
    "or wait a quarter of an hour and ask again"
)


class Attempt(StrEnum):
    """What is counted, by its name in ACCOUNT_RATE_LIMITS."""

    PASSWORD = "wrong_password"  # noqa: S105 - a name
    SECOND_STEP = "second_step"
    RESET = "reset"
    SIGN_IN = "sign_in_code"
    SIGN_UP = "sign_up_code"
    CONFIRM = "confirm_code"
    LOST_ADDRESS = "lost_address"


def count_attempt(request: HttpRequest, attempt: Attempt, *, email: str) -> bool:
    """Count one attempt at the account of this address; False where there were too many."""
    action, key = _counted_by(request, attempt, email)
    return bool(ratelimit.consume(request, action=action, key=key))


def forgive_attempts(request: HttpRequest, attempt: Attempt, *, email: str) -> None:
    """Begin anew: whoever tried has shown that the account is theirs."""
    action, key = _counted_by(request, attempt, email)
    ratelimit.clear(request, action=action, key=key)


def count_search(request: HttpRequest, *, typed: str) -> bool:
    """Count one search for a person by what is typed; False where there were too many.

    Whose account it is nobody knows yet: a device on which somebody has signed in counts apart.
    """
    device = known_device(request)
    action, key = str(Attempt.LOST_ADDRESS), typed
    if device is not None:
        action, key = f"{action}{OWN}", f"{device.name}:{typed}"
    return bool(ratelimit.consume(request, action=action, key=key))


def _counted_by(request: HttpRequest, attempt: Attempt, email: str) -> tuple[str, str]:
    device = device_of(request, email=email)
    if device is not None:
        return f"{attempt}{OWN}", device
    return str(attempt), tidy_email(email)
