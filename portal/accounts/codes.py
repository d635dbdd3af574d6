"""Codes sent by email, to sign in or to show that an address is one's own.

Rules:
- A code works once, for 10 minutes from when its mail has gone: a mail may wait in the queue.
- It works for its address in any window that waits for a code of its kind and address. So who
  holds the mail gets in, also where strangers have had so many sent that no more are
  (limits.py).
- Only its digest is kept. One whose mail has not gone yet can be nobody's guess.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from portal.accounts.models import MailedCode
from portal.core.models import OutgoingMail
from portal.core.text.email_address import tidy_email

WORKS_FOR = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=1)
Purpose = MailedCode.Purpose
WRONG_CODE = "That code is not right. Enter the code in our latest email, or ask for a new one"


class CodeWrong(Exception):
    """No such code was mailed to the address, or it has been used."""

    def __init__(self) -> None:
        super().__init__(WRONG_CODE)


class CodeTooOld(Exception):
    """Its mail went out too long ago."""

    def __init__(self) -> None:
        super().__init__("That code is more than 10 minutes old. Ask for a new one")


def keep_code(code: str, *, email: str, purpose: Purpose, mail: OutgoingMail) -> None:
    """Keep what tells the code of this mail when it is typed."""
    digest = _digest(code, email, purpose, key=settings.SECRET_KEY)
    MailedCode.objects.create(purpose=purpose, email=email, digest=digest, mail=mail)


def check_code(typed: str, *, email: str, purpose: Purpose, at: datetime) -> MailedCode:
    """The row of a code that was mailed to this address; it stays until it is used.

    Raises CodeWrong, CodeTooOld.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [_digest(typed, email, purpose, key=key) for key in keys]
    found = MailedCode.objects.filter(digest__in=digests).select_related("mail").first()
    if found is None:
        raise CodeWrong
    sent_at = found.mail.sent_at
    if sent_at is not None and at > sent_at + WORKS_FOR:
        raise CodeTooOld
    return found


@transaction.atomic
def use_code(typed: str, *, email: str, purpose: Purpose, at: datetime) -> None:
    """Take a code that was mailed to this address; it is used up then.

    In the transaction of what it lets do: where that fails, the code is as good as before. Raises
    CodeWrong, CodeTooOld.
    """
    found = check_code(typed, email=email, purpose=purpose, at=at)
    used, _ = MailedCode.objects.filter(pk=found.pk).delete()
    if not used:  # in another window, a moment ago
        raise CodeWrong


def forget_codes(*, at: datetime) -> int:
    """Take away those whose mail went long ago, or never will; returns how many."""
    has_gone = Q(mail__sent_at__lt=at - FORGOTTEN_AFTER)
    gone, _ = MailedCode.objects.filter(has_gone | Q(mail__given_up_at__isnull=False)).delete()
    return gone


def _digest(code: str, email: str, purpose: Purpose, *, key: str) -> str:
    """Of the code however it is typed: blanks, dashes and capitals do not count."""
    bare = re.sub(r"[\W_]", "", code).upper()
    said = f"{purpose}:{tidy_email(email)}:{bare}"
    return salted_hmac("portal.accounts.codes", said, secret=key, algorithm="sha256").hexdigest()
