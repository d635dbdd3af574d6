"""Whether an account has a second step: an authenticator app."""

from __future__ import annotations

from allauth.mfa.models import Authenticator


def has_second_step(account: int | None) -> bool:
    """By the account's key; False for a visitor. One query."""
    apps = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP)
    return account is not None and bool(apps.exists())
