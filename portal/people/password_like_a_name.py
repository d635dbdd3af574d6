"""A password must not be like the name of the person whose account it opens.

What was typed at sign-up is compared on the floor below (accounts/password_rules.py); who was
imported or invited never typed a name there.
"""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.accounts.password_rules import UnlikeTheAccount
from portal.people.models import Person


class UnlikeThePerson(UnlikeTheAccount):
    """Compares with each name of the person and with the whole one."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("first_name", "last_name", "full_name"))

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError. An account that is not saved yet has no person."""
        if user is not None and user.pk:
            holder: Any = Person.objects.filter(user=user).first()
            super().validate(password, holder)
