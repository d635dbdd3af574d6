"""What happens to people when something happens to accounts. One line each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from portal.accounts.models import User
from portal.accounts.signals import account_missing, address_verified
from portal.people.attaching_accounts import attach_person
from portal.people.inviting import answer
from portal.people.lost_forms import drop_of_others


@receiver(address_verified)
def find_the_person(user: User, at: datetime, **_: Any) -> None:
    attach_person(user, at=at)


@receiver(account_missing)
def let_them_in(email: str, at: datetime, **_: Any) -> bool:
    return answer(email, at=at)


@receiver(user_logged_in)
def leave_others_words(user: User, request: Any, **_: Any) -> None:
    drop_of_others(request.session, account=str(user.pk))
