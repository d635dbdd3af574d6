"""Signing up. Several people may use one address before anybody has shown that it is theirs.

Rules:
- A sign-up makes no account and looks nobody up: what was typed (name, hash of the password) is
  kept in the session of its browser, and a code is mailed (asking_for_mail.py). So the page says
  nothing of the address, and no sign-up gives a right to it or takes one away.
- Who enters a code that was mailed to the address has the account, with what they typed. An
  account that nobody had confirmed becomes theirs; a confirmed one stays its holder's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.core.rows.locking import lock
from portal.core.text.email_address import tidy_email

KEY = "sign_up"


class AddressTaken(Exception):
    """Somebody else who reads the address's mail has confirmed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "An account with this address has been created since. Sign in to it, or set a new "
            "password."
        )


class SignUpForgotten(Exception):
    """What was typed has gone, or the account that nobody had confirmed (opening_accounts.py)."""

    def __init__(self) -> None:
        super().__init__(
            "You did not confirm this sign-up in time, so we have deleted it. Create your "
            "account again."
        )


@dataclass(frozen=True)
class SignUp:
    """What was typed in this browser, and where it goes on. The password only as its hash."""

    email: str
    password_hash: str
    first_name: str
    last_name: str
    onward: str = ""


def keep_sign_up(session: SessionBase, sign_up: SignUp) -> None:
    """Keep it until the address is confirmed; the newest only."""
    session[KEY] = asdict(sign_up)


def kept_sign_up(session: SessionBase, *, email: str) -> SignUp | None:
    """What was typed in this browser for this address."""
    kept = session.get(KEY)
    return SignUp(**kept) if kept and kept["email"] == tidy_email(email) else None


def kept_address(session: SessionBase) -> str:
    """The address that was signed up with in this browser, or ""."""
    return str((session.get(KEY) or {}).get("email", ""))


@transaction.atomic
def account_to_confirm(sign_up: SignUp) -> EmailAddress:
    """The account, not confirmed yet, of whoever has shown that the address is theirs, locked.

    Raises AddressTaken.
    """
    try:
        with transaction.atomic():
            made = User.objects.create(email=sign_up.email, password=sign_up.password_hash)
    except IntegrityError:
        made = None
    found = lock(User.objects.with_email(sign_up.email))
    if made is None and not User.objects.filter(pk__in=[u.pk for u in found]).unclaimed().exists():
        raise AddressTaken
    address, _ = EmailAddress.objects.get_or_create(
        user=found[0], email=found[0].email, defaults={"primary": True}
    )
    return address


def take_sign_up(session: SessionBase, user: User) -> None:
    """Give the account, which nobody had confirmed, what was typed in the browser that did.

    In the caller's transaction. Without any (they signed in with the account's password) it stays.
    """
    sign_up = kept_sign_up(session, email=user.email)
    if sign_up is None:
        return
    del session[KEY]
    user.password = sign_up.password_hash
    user.signup_first_name = sign_up.first_name
    user.signup_last_name = sign_up.last_name
    user.save(update_fields=["password", "signup_first_name", "signup_last_name"])
