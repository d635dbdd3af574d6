"""The office vouches for who works where.

A person sees the colleagues of an organisation only where the office has verified both links, so
this is what opens an organisation's people to each other.
"""

from __future__ import annotations

from datetime import datetime

from portal.organisations.models import AffiliationQuerySet


def verify(affiliations: AffiliationQuerySet, *, actor: object, at: datetime) -> int:
    """Verify those that are not yet. Gives how many; the rows say who did it and when."""
    return affiliations.unverified().update(verified_at=at, verified_by=str(actor)[:250])


def take_back(affiliations: AffiliationQuerySet) -> int:
    """They are the person's own word again. Gives how many."""
    return affiliations.verified().update(verified_at=None, verified_by="")
