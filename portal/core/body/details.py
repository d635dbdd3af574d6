"""The body that runs the portal, as it stands today."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from portal.core.dates import today
from portal.core.models import Body, BodyDetails
from portal.core.rows.prepared import Prepared

_SWITCHES = [field.attname for field in Body._meta.concrete_fields]


def _begun(on: Any) -> models.QuerySet[BodyDetails]:
    its = {f"its_{name}": models.F(f"body__{name}") for name in _SWITCHES}
    return BodyDetails.objects.begun(on).annotate(**its)[:1]  # type: ignore[no-any-return]


_IN_FORCE = Prepared(_begun, on=models.DateField())


class BodyMissing(ImproperlyConfigured):
    """Nobody has entered the body's details yet: `portal body` does."""


def the_body(on: date | None = None) -> BodyDetails:
    """The details in force on a day (today unless given), its switches with it: one query.

    Raises BodyMissing.
    """
    details = _IN_FORCE.first(on=on or today())
    if details is None:
        raise BodyMissing(
            "The body has no details yet: `portal body --help` says how to enter them."
        )
    its = [getattr(details, f"its_{name}") for name in _SWITCHES]
    details.body = Body.from_db(connection.alias, _SWITCHES, its)
    return details
