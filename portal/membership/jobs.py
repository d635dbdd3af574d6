"""The jobs of membership."""

from datetime import timedelta

from django.utils import timezone

from portal.core import clock
from portal.core.background.registry import job
from portal.membership import finding


@job(every=timedelta(minutes=1))
def answer_username_requests() -> None:
    now = timezone.now()
    finding.answer_username_requests(at=now, forgets=clock.may_forget(at=now))
