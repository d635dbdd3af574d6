"""The jobs of accounts."""

from datetime import timedelta

from django.utils import timezone

from portal.accounts import asking_for_mail, codes, opening_accounts
from portal.core.background.registry import job
from portal.core.machine import clock


@job(every=timedelta(minutes=1))
def answer_mail_requests() -> None:
    now = timezone.now()
    asking_for_mail.answer_mail_requests(at=now, forgets=clock.may_forget(at=now))


@job(every=timedelta(hours=1), forgets=True)
def forget_codes() -> None:
    codes.forget_codes(at=timezone.now())


@job(every=timedelta(hours=24), forgets=True)
def forget_unclaimed() -> None:
    opening_accounts.forget_unclaimed(at=timezone.now())
