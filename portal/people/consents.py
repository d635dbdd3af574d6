"""Consents: the latest answer counts, and all answers are kept."""

from __future__ import annotations

from collections.abc import Iterable

from portal.people.models import ConsentEvent


def latest_consents(people: Iterable[int]) -> dict[tuple[int, str], ConsentEvent]:
    """The last event of each person (key) and purpose: one query."""
    events = ConsentEvent.objects.filter(person__in=list(people)).order_by("at", "pk")
    return {(event.person_id, event.purpose): event for event in events}
