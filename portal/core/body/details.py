"""The details of the body that runs the portal, as of today."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.core.rows.prepared import PreparedRow

_IN_FORCE = PreparedRow(BodyDetails, BodyDetails.objects.begun, of=models.DateField(), with_="body")


class BodyMissing(ImproperlyConfigured):
    """Nobody has entered the body's details yet: `portal body` does."""


def the_body(on: date | None = None) -> BodyDetails:
    """The details in force on a day (today unless given), its switches with it: one query.

    Raises BodyMissing.
    """
    details = _IN_FORCE.first(on or today())
    if details is None:
        raise BodyMissing("The body has no details yet. To enter them, see `portal body --help`.")
    return details
