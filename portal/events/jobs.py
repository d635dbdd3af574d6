"""The jobs of events."""

from datetime import timedelta

from django.utils import timezone

from portal.core.background.registry import job
from portal.events import changing_events, forgetting_bookings


@job(every=timedelta(hours=24), forgets=True)
def forget_unordered() -> None:
    forgetting_bookings.forget_unordered(at=timezone.now())


@job(every=timedelta(hours=24), forgets=True)
def forget_requirements() -> None:
    forgetting_bookings.forget_requirements(at=timezone.now())


@job(every=timedelta(minutes=1))
def tell_of_changes() -> None:
    changing_events.tell_of_changes(at=timezone.now())
