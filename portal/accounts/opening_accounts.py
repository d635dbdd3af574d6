"""Opening an account.

Rules:
- An account belongs to who can read the mail of its address. Until that is shown it can do
  nothing, and whoever shows it has it with their own password: by an invitation it takes the place
  of what waits there, by a code see signing_up.py.
- A new password ends every session that was opened with the old one (Django's session hash).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts.models import User
from portal.core.rows.locking import lock
from portal.core.text.email_address import tidy_email

UNCLAIMED_FOR = timedelta(days=7)


class AccountClosed(Exception):
    """The office has closed the account at this address."""

    def __init__(self) -> None:
        super().__init__("This account is closed. Contact us if you think it should be open.")


@transaction.atomic
def open_account(email: str, *, password_hash: str) -> User:
    """The account at an address that is known to be its holder's, with this password.

    One that nobody has confirmed is replaced; a confirmed one gets the password. The hash comes
    from `make_password`, made before the transaction: it takes long on purpose, and SQLite lets
    nobody else write meanwhile. Raises AccountClosed.
    """
    email = tidy_email(email)
    clear_unclaimed(email)
    found = lock(User.objects.with_email(email))
    user = found[0] if found else User(email=email)
    if not user.is_active:
        raise AccountClosed
    user.password = password_hash
    user.save()
    EmailAddress.objects.filter(user=user).exclude(email=email).update(primary=False)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


@transaction.atomic
def forget_unclaimed(*, at: datetime) -> int:
    """Take away the sign-ups that nobody has confirmed for a week; returns how many.

    Their code worked for minutes, and what was typed is somebody's name (UK GDPR, Article 5(1)(e)).
    """
    old = User.objects.unclaimed().filter(created_at__lt=at - UNCLAIMED_FOR)
    found = lock(old, for_deletion=True)
    User.objects.unclaimed().filter(pk__in=[user.pk for user in found]).delete()
    return len(found)


def clear_unclaimed(email: str) -> None:
    """Take away an account at this address that nobody has confirmed."""
    User.objects.with_email(email).unclaimed().delete()
