"""How the people who run the machine let a locked-out administrator back in.

Rules:
- It is for administrators: everybody else asks the office. Others of the office cannot do it for
  the last administrator.
- What the account was opened by no longer opens it: its sessions end, its password and second step
  go. So nobody who has learned the old password comes in between.
- What is left is a link to set a new password. It works once, for a day, and leads on to setting
  the second step up where the body asks for it. By email, or on the terminal where mail does not
  reach them: then the email says only that it was done.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.accounts.emails import queue_way_in
from portal.accounts.models import User
from portal.accounts.sessions import end_sessions
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.core.text.email_address import tidy_email
from portal.core.web.links import absolute_url


class NoAdministrator(Exception):
    """The account at this address is none, or not an administrator's."""

    def __init__(self, email: str, others: list[str]) -> None:
        known = f"Administrators: {', '.join(others)}." if others else "There is none yet."
        super().__init__(
            f"{email} is not the address of an administrator. {known} To make one, run `portal "
            "staff add --all`. The office lets everybody else in."
        )


class NeverSignedIn(Exception):
    """Their account waits for their invitation."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} has not accepted the invitation yet. To send a new one, run `portal "
            f"invite --email {email} --again`."
        )


@transaction.atomic
def readmit(email: str, *, is_mailed: bool = True, actor: object, at: datetime) -> str:
    """Open the account, take its password and second step away, end its sessions.

    Returns the link to set a new password, which is mailed unless told otherwise. Raises
    NoAdministrator and NeverSignedIn.
    """
    email = tidy_email(email)
    found = lock(User.objects.with_email(email).filter(is_superuser=True))
    if not found:
        others = User.objects.administrators().order_by("email")
        raise NoAdministrator(email, [user.email for user in others])
    user = found[0]
    if not User.objects.verified().filter(pk=user.pk).exists():
        raise NeverSignedIn(email)
    before = {"is_active": user.is_active, "is_staff": user.is_staff}
    user.is_active = user.is_staff = True
    user.set_unusable_password()
    user.save(update_fields=["is_active", "is_staff", "password"])
    removed, _ = Authenticator.objects.filter(user=user).delete()
    end_sessions(user, why=User.SessionsEnded.NEW_WAY_IN, at=at)
    record(
        "administrator readmitted",
        user,
        actor=actor,
        at=at,
        before=before | {"second_step": bool(removed)},
        after={"is_active": True, "is_staff": True, "second_step": False},
    )
    url = _way_in(user)
    queue_way_in(user, url=url if is_mailed else "", at=at)
    return url


def _way_in(user: User) -> str:
    """The link of a forgotten password."""
    token = default_token_generator.make_token(user)
    return absolute_url("account_reset_password_from_key", user_pk_to_url_str(user), token)
