"""The first row of a new installation: who runs this portal.

Everything else can be entered in the office, but without the body no page has a name and no
invitation a sender.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.core.dates import on_day
from portal.core.models import Body, BodyDetails
from portal.core.rows.history import record


class AlreadyFounded(Exception):
    """The body has details: staff change them by adding a dated row."""

    def __init__(self) -> None:
        super().__init__(
            "This portal already has a body. To change its details, add body details in the "
            "office and give the day they take effect."
        )


@transaction.atomic
def found_body(
    *,
    name: str,
    short_name: str,
    office_email: str,
    office_phone: str,
    registered_office: str,
    actor: object,
    at: datetime,
) -> BodyDetails:
    """Enter the body's first details, in force from today (London).

    Raises AlreadyFounded, and ValidationError for a value that cannot be right.
    """
    if BodyDetails.objects.exists():
        raise AlreadyFounded
    body, _ = Body.objects.get_or_create(pk=1)
    details = BodyDetails(
        body=body,
        valid_from=on_day(at),
        name=name,
        short_name=short_name,
        legal_name=name,
        registered_office=registered_office,
        office_email=office_email,
        office_phone=office_phone,
    )
    details.full_clean()
    details.save()
    record("founded", details, actor=actor, at=at)
    return details
