"""The jobs of membership."""

from datetime import timedelta

from django.utils import timezone

from portal.core.background.registry import job
from portal.membership import finding


@job(every=timedelta(minutes=1))
def answer_username_requests() -> None:
    finding.answer_username_requests(at=timezone.now())
