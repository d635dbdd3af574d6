"""What the office has to enter before people's work can be imported."""

from __future__ import annotations

from datetime import date

from portal.organisations.models import OrganisationType, RoleType


def missing(on: date) -> list[str]:  # noqa: ARG001 - lists hold on every day
    """A sentence for each list that is empty; nothing when both have words."""
    sentences = []
    if not RoleType.objects.exists():
        sentences.append("There are no role types: enter them in the office, under Organisations.")
    if not OrganisationType.objects.exists():
        sentences.append(
            "There are no organisation types: enter them in the office, under Organisations."
        )
    return sentences
