"""What the office has to enter before members can be imported."""

from __future__ import annotations

from datetime import date

from portal.membership.models import MembershipCategory, MembershipRules


def missing(on: date) -> list[str]:
    """A sentence for each thing that membership lacks on this day; empty when it is ready."""
    sentences = []
    if not MembershipCategory.objects.exists():
        sentences.append(
            "There are no membership categories: enter them in the office, under Membership."
        )
    if MembershipRules.objects.in_force(on) is None:
        sentences.append(
            "No membership rules hold yet: enter the days of grace (0 for none) in the office, "
            "under Membership."
        )
    return sentences
