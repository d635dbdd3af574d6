"""Who a person works for."""

from __future__ import annotations

from datetime import date

from portal.organisations.models import Affiliation
from portal.people.models import Person


def current_affiliation(person: Person, on: date) -> Affiliation | None:
    """The person's affiliation on a London day, with its organisation, types and role: one query.

    Of two that touch on a day, the one that began last.
    """
    return (
        Affiliation.objects.running(on)
        .filter(person=person)
        .select_related("organisation__type", "role_type", "no_organisation_type")
        .order_by("-start", "-pk")
        .first()
    )
