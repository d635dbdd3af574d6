"""Whether staff need a second step, which the body decides. Rules: core/office/administering.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core.models import Body
from portal.core.office.administering import ADMINISTER, NotAdministrator, require_administrator
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one


@needs(ADMINISTER, refusal=NotAdministrator)
@transaction.atomic
def require_second_step(
    *, is_required: bool, actor: Any, proved_at: datetime | None, at: datetime
) -> Body:
    """Ask staff for a second step from now on, or no longer.

    Raises NotAdministrator, ProofNeeded.
    """
    require_administrator(actor, proved_at=proved_at, at=at)
    body = lock_one(Body.objects.all())
    before = body.staff_second_step
    if before != is_required:
        body.staff_second_step = is_required
        body.save(update_fields=["staff_second_step"])
        detail = {
            "before": {"staff_second_step": before},
            "after": {"staff_second_step": is_required},
        }
        record("body changed", body, actor=actor, at=at, **detail)
    return body
