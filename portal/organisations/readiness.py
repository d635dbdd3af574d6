"""What the office has to enter before people's work can be imported."""

from __future__ import annotations

from datetime import date

from portal.core.readiness import Lack
from portal.organisations.models import OrganisationType, RoleType


def missing(on: date) -> list[str]:  # noqa: ARG001 - lists hold on every day
    """A sentence for each list that is empty; nothing when both have words."""
    sentences: list[str] = []
    if not RoleType.objects.exists():
        sentences.append(
            Lack(
                "There are no role types. Enter them in the office, under Organisations.",
                "admin:organisations_roletype_add",
            )
        )
    if not OrganisationType.objects.exists():
        sentences.append(
            Lack(
                "There are no organisation types. Enter them in the office, under Organisations.",
                "admin:organisations_organisationtype_add",
            )
        )
    return sentences
