"""The office enters and corrects who works where.

Rule: another person or another organisation is another link. Whoever verified the old one has not
verified that, so the verification is taken back with the change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.organisations.models import Affiliation
from portal.organisations.verifying_affiliations import take_back
from portal.people.models import Person


@needs("organisations.add_affiliation")
@transaction.atomic
def enter_affiliation(affiliation: Affiliation, *, actor: object, at: datetime) -> Affiliation:
    """Keep a new one. Nobody has verified it yet.

    Under the lock of its person, which an import takes too: it finds this one, or comes before it.
    """
    lock_one(Person.objects.filter(pk=affiliation.person_id))
    affiliation.verified_at, affiliation.verified_by = None, ""
    affiliation.save(force_insert=True)
    record("affiliation added", affiliation, actor=actor, at=at)
    return affiliation


@needs("organisations.change_affiliation")
@transaction.atomic
def correct_affiliation(
    affiliation: Affiliation, *, actor: object, at: datetime, **changes: Any
) -> Affiliation:
    """Change the named fields, and no other. What is the same changes nothing."""
    rows = Affiliation.objects.filter(pk=affiliation.pk)
    affiliation = lock_one(rows)
    changed = [name for name, value in changes.items() if value != getattr(affiliation, name)]
    if {"person", "organisation"} & set(changed):
        take_back(rows, actor=actor, at=at)
        affiliation.refresh_from_db()
    for name in changed:
        setattr(affiliation, name, changes[name])
    if changed:
        affiliation.save(update_fields=changed)
        record("affiliation changed", affiliation, actor=actor, at=at, fields=changed)
    return affiliation
