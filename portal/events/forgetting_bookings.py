"""Forgetting what was saved for an order and never ordered, and special requirements.

Rules (UK GDPR, Article 5(1)(e); staff set the days in BookingRules):
- Special requirements may say something of a person's health, so the answers of a basket are kept
  no longer than its owner may come back for them: a number of days after it expired.
- Those of a registration stand nowhere else, and go a number of days after the end of the event.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from portal.core.dates import on_day
from portal.core.rows.locking import lock
from portal.events.models import Basket, BookingRules, Registration


@transaction.atomic
def forget_unordered(*, at: datetime) -> int:
    """Delete the open baskets that expired too long ago; returns how many. None without rules."""
    rules: BookingRules | None = BookingRules.objects.in_force(on_day(at))
    if rules is None:
        return 0
    too_old = at - timedelta(days=rules.forget_days)
    found = lock(Basket.objects.open().filter(expires_at__lt=too_old), for_deletion=True)
    Basket.objects.filter(pk__in=[basket.pk for basket in found]).delete()
    return len(found)


def forget_requirements(*, at: datetime) -> int:
    """Empty the special requirements of events that ended too long ago; returns how many."""
    rules: BookingRules | None = BookingRules.objects.in_force(on_day(at))
    if rules is None:
        return 0
    too_old = at - timedelta(days=rules.forget_requirements_days)
    found = Registration.objects.filter(event__ends__lt=too_old).exclude(special_requirements="")
    return found.update(special_requirements="")
