"""The jobs of membership."""

from datetime import timedelta

from django.utils import timezone

from portal.core.background.registry import job
from portal.core.machine import clock
from portal.membership import forgotten_username


@job(every=timedelta(minutes=1))
def answer_username_requests() -> None:
    now = timezone.now()
    forgotten_username.answer_username_requests(at=now, forgets=clock.may_forget(at=now))
