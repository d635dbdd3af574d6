"""What the office does to accounts.

Rules: an account is closed, never deleted; nobody closes their own or takes their own staff flag
away; closing ends its sessions at the next page (the session's account is no longer active).
"""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.accounts.emails import queue_second_step_removed
from portal.accounts.models import User
from portal.core.history import record
from portal.core.locking import lock_one


class OwnAccount(Exception):
    """Staff cannot shut themselves out."""

    def __init__(self) -> None:
        super().__init__("This is your own account: ask a colleague to change it.")


@transaction.atomic
def set_standing(user: User, *, is_active: bool, is_staff: bool, actor: User, at: datetime) -> User:
    """Open or close an account, and give or take the office's rights. Raises OwnAccount."""
    user = lock_one(User.objects.filter(pk=user.pk))
    if user.pk == actor.pk and not (is_active and is_staff):
        raise OwnAccount
    before = {"is_active": user.is_active, "is_staff": user.is_staff}
    after = {"is_active": is_active, "is_staff": is_staff}
    if before != after:
        User.objects.filter(pk=user.pk).update(**after)
        record("account changed", user, actor=actor, at=at, before=before, after=after)
        user.refresh_from_db()
    return user


@transaction.atomic
def remove_second_step(user: User, *, actor: User, at: datetime) -> bool:
    """For who has lost phone and codes, and has shown the office who they are.

    False where there was none. The holder is told by email.
    """
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if removed:
        record("second step removed", user, actor=actor, at=at)
        queue_second_step_removed(user, at=at)
    return bool(removed)
