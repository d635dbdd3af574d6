"""Membership numbers.

Rule: numbers with the same form for comparing (core/text/comparing.py) are one number,
and each is one person's.
"""

from __future__ import annotations

from portal.membership.models import Membership


class NumberTaken(Exception):
    """Somebody else has the number."""

    def __init__(self) -> None:
        super().__init__(
            "There is already a membership with this number. Capitals, spaces and the kind of "
            "dash make no difference."
        )


def free_number(number: str, *, of: Membership) -> str:
    """The number as it is kept, with single spaces. Raises NumberTaken."""
    number = " ".join(number.split())
    if Membership.objects.filter(compared_number=number).exclude(pk=of.pk).exists():
        raise NumberTaken
    return number
