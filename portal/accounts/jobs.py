"""The jobs of accounts."""

from datetime import timedelta

from django.utils import timezone

from portal.accounts import opening
from portal.core.background.registry import job


@job(every=timedelta(hours=24), forgets=True)
def forget_unclaimed() -> None:
    opening.forget_unclaimed(at=timezone.now())
