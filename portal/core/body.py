"""The body that runs the portal, as it stands today."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ImproperlyConfigured

from portal.core.models import BodyDetails


class BodyMissing(ImproperlyConfigured):
    """Nobody has entered the body's details yet: `portal body` does."""


def the_body(on: date | None = None) -> BodyDetails:
    """The details in force on a day (today unless given), its switches with it: one query.

    Raises BodyMissing.
    """
    details = BodyDetails.objects.select_related("body").in_force(on)
    if details is None:
        raise BodyMissing(
            "The body has no details yet: `portal body --help` says how to enter them."
        )
    return details  # type: ignore[no-any-return]
