"""The jobs of accounts."""

from datetime import timedelta

from django.utils import timezone

from portal.accounts import asking, codes, opening
from portal.core import clock
from portal.core.background.registry import job


@job(every=timedelta(minutes=1))
def answer_mail_requests() -> None:
    now = timezone.now()
    asking.answer_mail_requests(at=now, forgets=clock.may_forget(at=now))


@job(every=timedelta(hours=1), forgets=True)
def forget_codes() -> None:
    codes.forget_codes(at=timezone.now())


@job(every=timedelta(hours=24), forgets=True)
def forget_unclaimed() -> None:
    opening.forget_unclaimed(at=timezone.now())
