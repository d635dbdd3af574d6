"""The office confirms who works where.

A person sees the colleagues of an organisation only where the office has verified both links, so
this is what opens an organisation's people to each other. The history has each, and who did it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.core.office.permitting import needs
from portal.core.rows.bulk import ChangedRows
from portal.core.rows.history import record_all
from portal.core.rows.locking import lock
from portal.organisations.models import Affiliation, AffiliationQuerySet


@needs("organisations.change_affiliation")
@transaction.atomic
def verify(affiliations: AffiliationQuerySet, *, actor: object, at: datetime) -> int:
    """Verify those that are not yet. Gives how many; the rows say who did it and when."""
    found = lock(affiliations.unverified().select_related("person", "organisation"))
    _write(found, at, str(actor)[:250])
    record_all((("affiliation verified", each, {}) for each in found), actor=actor, at=at)
    return len(found)


@needs("organisations.change_affiliation")
@transaction.atomic
def take_back(affiliations: AffiliationQuerySet, *, actor: object, at: datetime) -> int:
    """They are the person's own word again. Gives how many."""
    found = lock(affiliations.verified().select_related("person", "organisation"))
    _write(found, None, "")
    record_all((("verification taken back", each, {}) for each in found), actor=actor, at=at)
    return len(found)


def _write(affiliations: list[Affiliation], at: datetime | None, by: str) -> None:
    changed = ChangedRows(Affiliation, "verified_at", "verified_by")
    for affiliation in affiliations:
        changed.add(affiliation.pk, at, by)
    changed.update()
