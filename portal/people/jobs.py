"""The jobs of people."""

from datetime import timedelta

from django.utils import timezone

from portal.core.background.registry import job
from portal.core.machine import clock
from portal.people import inviting


@job(every=timedelta(minutes=1))
def answer_invitation_requests() -> None:
    now = timezone.now()
    inviting.answer_invitation_requests(at=now, forgets=clock.may_forget(at=now))
