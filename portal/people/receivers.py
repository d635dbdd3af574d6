"""What people do when something happens to accounts. One line each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from portal.accounts.models import User
from portal.accounts.signals import account_missing, address_verified
from portal.people.attaching import attach_person
from portal.people.inviting import answer


@receiver(address_verified)
def find_the_person(user: User, at: datetime, **_: Any) -> None:
    attach_person(user, at=at)


@receiver(account_missing)
def let_them_in(email: str, at: datetime, **_: Any) -> bool:
    return answer(email, at=at)
