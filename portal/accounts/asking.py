"""Who wants in by email: a page keeps the request, a job answers it by a mail.

Rules:
- The page looks nobody up. It does the same whatever the address: so neither its answer nor the
  time that it takes says whether there is an account.
- The job, within a second, writes to the address what fits it: a link, a code, an invitation, or
  that there is no account. Codes and links go to no account that nobody has confirmed: somebody
  who signed up with another's address would have a password to what the other confirms.
- A request is forgotten with its answer, in one transaction: none is lost, none answered twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction

from portal.accounts.codes import Purpose, keep_code
from portal.accounts.emails import queue_account_mail, queue_code, queue_reset_link
from portal.accounts.models import MailRequest, User
from portal.accounts.signals import account_missing
from portal.core.background.registry import is_stopping, nudge
from portal.core.locking import lock
from portal.core.sealing import seal, unseal

log = logging.getLogger("portal.accounts")
# Whoever asked has asked again since.
TOO_LATE = timedelta(days=1)
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
    """Answer and forget each request; returns how many. One that fails stays.

    What is too old to be answered is forgotten, and stays where it is not to (`forgets`).
    """
    if forgets:
        MailRequest.objects.filter(asked_at__lt=at - TOO_LATE).delete()
    answered = 0
    in_time = MailRequest.objects.filter(asked_at__gte=at - TOO_LATE)
    for pk in list(in_time.order_by("pk").values_list("pk", flat=True)):
        if is_stopping():
            break
        try:
            answered += _answer(pk, at)
        except Exception:
            log.exception("Mail request %s is not answered; it is tried again", pk)
    return answered


@transaction.atomic
def _answer(pk: int, at: datetime) -> int:
    """Answer and forget in one transaction; 0 where another worker has."""
    for request in lock(MailRequest.objects.filter(pk=pk)):
        request.delete()
        if request.kind == Kind.RESET:
            _send_link(request.email, at)
        else:
            _send_code(request, unseal(request.sealed_code, purpose=SEALED_FOR), at)
        return 1
    return 0


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
