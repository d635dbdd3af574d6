"""Whether an account has a second step: an authenticator app whose secret can be read.

Rules (docs/decisions/0012-what-cannot-be-read-is-not-set-up.md):
- What was sealed with a secret key that the portal no longer has counts as not set up: no code
  could be right. It is deleted only when its holder sets up another, so that a key that was left
  out by mistake can be put back.
- An account has recovery codes only beside such an app.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db import transaction

from portal.accounts.models import User
from portal.accounts.sessions import end_sessions
from portal.core.machine.sealing import Unreadable, unseal
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one

PURPOSE = "second step"
APP = Authenticator.Type.TOTP
CODES = Authenticator.Type.RECOVERY_CODES
KEY_TO_SET_UP = "second_step_key"
KEY_LASTS = timedelta(minutes=10)


def is_first_use(app: Authenticator, code: str) -> bool:
    """Whether this right code of the app is used for the first time; notes that it has been.

    A code fits as long as the clocks of phone and portal may differ, and signs in once (RFC 6238,
    section 5.2): allauth remembers it for one of these periods only.
    """
    fits_for = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    digits = re.sub(r"\D", "", code)
    return bool(cache.add(f"second-step:{app.pk}:{digits}", 1, timeout=fits_for))


def key_to_set_up(session: SessionBase, *, fresh: str, is_sent: bool, at: datetime) -> str:
    """The key that the page of setting up shows; `fresh` where there is none to go on with.

    One that was shown less than ten minutes ago is shown again: it may be in the app already. With
    the form that is sent it is the one that was shown last, however long that took.
    """
    kept = session.get(KEY_TO_SET_UP)
    if kept and (is_sent or at.timestamp() - kept["at"] < KEY_LASTS.total_seconds()):
        return str(kept["key"])
    session[KEY_TO_SET_UP] = {"key": fresh, "at": at.timestamp()}
    return fresh


def drop_key(session: SessionBase) -> None:
    """It has been set up: another phone gets another key."""
    session.pop(KEY_TO_SET_UP, None)


class SetUpAlready(Exception):
    """Another request has just set it up."""


def app_of(account: int | None) -> Authenticator | None:
    """The authenticator app of an account, by its key. One query; none for a visitor."""
    if account is None:
        return None
    app = Authenticator.objects.filter(user=account, type=APP).first()
    return app if app is not None and is_readable(app) else None


def has_second_step(account: int | None) -> bool:
    """By the account's key; False for a visitor. One query."""
    return app_of(account) is not None


def has_leftovers(account: int | None) -> bool:
    """Whether something of a second step is there that counts as not set up."""
    found = Authenticator.objects.filter(user=account)
    return account is not None and found.exists() and not has_second_step(account)


def is_readable(authenticator: Authenticator) -> bool:
    """Whether it was sealed with a secret key that the portal still has."""
    sealed = authenticator.data.get("secret" if authenticator.type == APP else "seed", "")
    try:
        unseal(str(sealed), purpose=PURPOSE)
    except Unreadable:
        return False
    return True


def staff_with_unreadable() -> list[User]:
    """Staff whose second step cannot be read any more. One query."""
    apps = Authenticator.objects.filter(type=APP, user__is_staff=True, user__is_active=True)
    return [app.user for app in apps.select_related("user") if not is_readable(app)]


def make_room(user: User) -> None:
    """Delete what cannot be read, and what was beside it, for the one that is being set up.

    In the caller's transaction; locks the account. Raises SetUpAlready.
    """
    lock_one(User.objects.filter(pk=user.pk))
    if has_second_step(user.pk):
        raise SetUpAlready
    Authenticator.objects.filter(user=user.pk).delete()


@transaction.atomic
def change_own(act: str, user: User, *, at: datetime) -> None:
    """Note what the holder has done to their second step: it ends the account's sessions."""
    end_sessions(user, why=User.SessionsEnded.SECOND_STEP, at=at)
    record(act, user, actor=user, at=at)
