"""Requests to get in by email: a page keeps the request, and a job answers it with an email.

Rules:
- The page looks nobody up. It does the same whatever the address: so neither its answer nor the
  time that it takes says whether there is an account.
- The job, within a second, writes to the address what fits it: a link, a code, an invitation, or
  that there is no account. Codes and links go to no account that nobody has confirmed: somebody
  who signed up with another's address would have a password to what the other confirms.
- A request is forgotten with its answer, in one transaction: none is lost, none answered twice.
  Only a code whose secret key has gone meanwhile is not sent: whoever waits for it asks again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction

from portal.accounts.codes import Purpose, keep_code
from portal.accounts.emails import queue_account_mail, queue_code, queue_reset_link
from portal.accounts.models import MailRequest, User
from portal.accounts.signals import account_missing
from portal.core.background.registry import nudge
from portal.core.background.requests import answer_each
from portal.core.machine.sealing import Unreadable, seal, unseal

log = logging.getLogger("portal.accounts")
SEALED_FOR = "mail request"
Kind = MailRequest.Kind


@transaction.atomic
def ask_for_mail(kind: Kind, *, email: str, code: str = "", at: datetime) -> None:
    """Keep that somebody asked for this mail to this address; a job answers it."""
    MailRequest.objects.create(
        kind=kind, email=email, sealed_code=seal(code, purpose=SEALED_FOR), asked_at=at
    )
    nudge("answer_mail_requests")


def answer_mail_requests(*, at: datetime, forgets: bool = True) -> int:
    """Answer and forget each request; returns how many (core/background/requests.py)."""
    return answer_each(MailRequest, lambda asked: _answer(asked, at), at=at, forgets=forgets)


def _answer(request: MailRequest, at: datetime) -> None:
    if request.kind == Kind.RESET:
        _send_link(request.email, at)
        return
    try:
        code = unseal(request.sealed_code, purpose=SEALED_FOR)
    except Unreadable:
        log.warning("A code was not sent, because the secret key it was sealed with is gone.")
    else:
        _send_code(request, code, at)


def _send_link(email: str, at: datetime) -> None:
    user = _open_account(email)
    if user is None:
        _tell_missing(email, at)
    else:
        token = default_token_generator.make_token(user)
        queue_reset_link(user, uid=user_pk_to_url_str(user), token=token, at=at)


def _send_code(request: MailRequest, code: str, at: datetime) -> None:
    email, kind = request.email, Kind(request.kind)
    is_open = _open_account(email) is not None
    if kind == Kind.SIGN_UP and is_open:
        queue_account_mail("account_already_exists", to=email, at=at)
    elif kind == Kind.CONFIRM or (is_open if kind == Kind.SIGN_IN else _is_free(email)):
        purpose = Purpose.SIGN_IN if kind == Kind.SIGN_IN else Purpose.ADDRESS
        mail = queue_code(kind, code, to=email, at=at)
        keep_code(code, email=email, purpose=purpose, mail=mail)
    else:
        _tell_missing(email, at)


def _tell_missing(email: str, at: datetime) -> None:
    """Higher floors may know the address; else they are told that there is no account."""
    answers = account_missing.send(sender=User, email=email, at=at)
    if not any(answer for _, answer in answers):
        queue_account_mail("unknown_account", to=email, at=at)


def _open_account(email: str) -> User | None:
    found = User.objects.with_email(email).verified().filter(is_active=True).first()
    return found if isinstance(found, User) else None


def _is_free(email: str) -> bool:
    """Nobody has an account there, or only one that nobody has confirmed."""
    there = User.objects.with_email(email)
    return not there.exists() or there.unclaimed().exists()
