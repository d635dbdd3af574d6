"""How often something may be tried.

Rules:
- Nobody is shut out by others. What is tried at an account on a device that has signed in to it is
  counted for that device alone (known_devices.py); all others together have one count per address,
  and what is sent from one network address has its own limit, wide enough for a training room.
- Where strangers have used up the mails to an address, what was sent to it is still a way in.
  Whoever has got in is sent new ones: links and codes of before may not work any more.
- What an address is counted by is its one spelling, whether it has an account or not.
- Each limit has its own sentence, with the time after which one more try is open. The form is
  shown again with what was typed.
- Only what is let through is counted, so nobody waits longer for having tried meanwhile.
- The numbers are in ATTEMPT_LIMITS: how many, in how many seconds. What has none is not limited.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest  # noqa: TID251 - who tries

from portal.accounts.known_devices import device_of, known_device
from portal.core.text.email_address import tidy_email

# Networks give a household or an office this many leading bits of an IPv6 address.
IPV6_PREFIX = 64
# Seconds that one request waits for another that is counting the same, and that it may take.
PATIENCE, AT_MOST = 1.0, 10


class Attempt(StrEnum):
    """What is counted, by its name in ATTEMPT_LIMITS."""

    # At the account of an address, by its device or by all others.
    PASSWORD = "wrong_password"  # noqa: S105 - a name
    SECOND_STEP = "second_step"
    RESET = "reset"
    SIGN_IN = "sign_in_code"
    SIGN_UP = "sign_up_code"
    CONFIRM = "confirm_code"
    # By what is looked for, and by the link.
    LOST_ADDRESS = "lost_address"
    NEW_LINK = "new_link"
    # From one network address.
    SIGN_INS = "sign_ins_of_network"
    SIGN_UPS = "sign_ups_of_network"
    LINKS = "links_of_network"
    CODES = "codes_of_network"
    CODE_TRIES = "code_tries_of_network"
    SEARCHES = "searches_of_network"
    NEW_PASSWORDS = "new_passwords_of_network"
    INVITATIONS = "invitations_of_network"


ENOUGH_LINKS = (
    "We have sent several emails to this address, so we will not send more for now. Use the "
    "latest one, or ask again"
)
ENOUGH_CODES = (
    "We have sent several emails to this address, so we will not send more for now. Use the "
    "code in the latest one. If it has no code, it says how to get in. You can ask for another "
    "code"
)
# Each goes on with “in 12 minutes”.
SENTENCES = {
    Attempt.PASSWORD: "There have been too many attempts to sign in with this address. Try again",
    Attempt.SECOND_STEP: "There have been too many attempts to enter a code. Try again",
    Attempt.RESET: ENOUGH_LINKS,
    Attempt.SIGN_IN: ENOUGH_CODES,
    Attempt.SIGN_UP: ENOUGH_CODES,
    Attempt.CONFIRM: ENOUGH_CODES,
    Attempt.LOST_ADDRESS: (
        "We have been asked to look for this several times. If it matches one of our records, "
        "we have emailed the address in it. Use the latest email, or ask again"
    ),
    Attempt.NEW_LINK: ENOUGH_LINKS,
    Attempt.SIGN_INS: "Too many people have tried to sign in from your network. Try again",
    Attempt.SIGN_UPS: "Too many people have tried to sign up from your network. Try again",
    Attempt.LINKS: "Too many people have asked for a link from your network. Try again",
    Attempt.CODES: "Too many people have asked for a code from your network. Try again",
    Attempt.CODE_TRIES: "Too many codes have been entered from your network. Try again",
    Attempt.SEARCHES: "Too many people have searched from your network. Try again",
    Attempt.NEW_PASSWORDS: "Too many people have set a password from your network. Try again",
    Attempt.INVITATIONS: "Too many people have used an invitation from your network. Try again",
}


# Mails by which somebody gets in.
MAILS = (Attempt.RESET, Attempt.SIGN_IN, Attempt.SIGN_UP, Attempt.CONFIRM)


class TooOften(Exception):
    """A limit was hit. Its text says which, and when one more try is open."""

    def __init__(self, attempt: Attempt, seconds: float) -> None:
        super().__init__(f"{SENTENCES[attempt]} in {minutes(seconds)}")


def minutes(seconds: float) -> str:
    """A wait as people say it, never less than it is."""
    count = max(1, math.ceil(seconds / 60))
    return "1 minute" if count == 1 else f"{count} minutes"


def count_attempt(request: HttpRequest, attempt: Attempt, *, email: str) -> None:
    """Count one attempt at the account of this address. Raises TooOften."""
    _count(attempt, _at_account(request, email))


def forgive_attempts(request: HttpRequest, attempts: Iterable[Attempt], *, email: str) -> None:
    """Start again: whoever tried has shown that the account is theirs."""
    whose = _at_account(request, email)
    cache.delete_many([_key(attempt, whose) for attempt in attempts])


def count_search(request: HttpRequest, *, typed: str) -> None:
    """Count one search for a person by what is typed. Raises TooOften.

    Whose account it is nobody knows yet: a device on which somebody has signed in counts apart.
    """
    device = known_device(request)
    _count(Attempt.LOST_ADDRESS, f"device {device.name} {typed}" if device else typed)


def count_link(token: str) -> None:
    """Count that a new link was asked for instead of this one. Raises TooOften."""
    _count(Attempt.NEW_LINK, token)


def count_from_network(request: HttpRequest, attempt: Attempt) -> None:
    """Count what was sent from this network address. Raises TooOften."""
    _count(attempt, _network(request.META.get("REMOTE_ADDR", "")))


def _at_account(request: HttpRequest, email: str) -> str:
    device = device_of(request, email=email)
    return tidy_email(email) if device is None else f"device {device}"


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))


def _count(attempt: Attempt, whose: str) -> None:
    limit = settings.ATTEMPT_LIMITS.get(str(attempt))
    if limit is None:
        return
    most, within = limit
    key = _key(attempt, whose)
    with _alone(key) as taken:
        if not taken:
            raise TooOften(attempt, PATIENCE)
        now = time.time()
        # What lies ahead was counted before the clock was put back.
        counted = [at for at in cache.get(key, []) if now - within < at <= now]
        if len(counted) >= most:
            raise TooOften(attempt, counted[-most] + within - now)
        cache.set(key, [*counted, now], within)


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """Of two that count the same at once, one after the other; False where it takes too long."""
    until = time.monotonic() + PATIENCE
    while not (taken := cache.add(f"{key}:held", 1, AT_MOST)) and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield taken
    finally:
        if taken:
            cache.delete(f"{key}:held")


def _key(attempt: Attempt, whose: str) -> str:
    """Of nobody's address or link: those are not kept."""
    return f"attempts:{attempt}:{hashlib.sha256(whose.encode()).hexdigest()}"
