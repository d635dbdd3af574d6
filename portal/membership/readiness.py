"""What the office has to enter before members can be imported."""

from __future__ import annotations

from datetime import date

from portal.core.readiness import Lack
from portal.membership.models import MembershipCategory, MembershipRules


def missing(on: date) -> list[str]:
    """A sentence for each thing that membership lacks on this day; empty when it is ready."""
    sentences: list[str] = []
    if not MembershipCategory.objects.exists():
        sentences.append(
            Lack(
                "There are no membership categories. Enter them in the office, under Membership.",
                "admin:membership_membershipcategory_add",
            )
        )
    if MembershipRules.objects.in_force(on) is None:
        sentences.append(
            Lack(
                "There are no membership rules for today. Enter the days of grace (0 for none) "
                "in the office, under Membership.",
                "admin:membership_membershiprules_add",
            )
        )
    return sentences
