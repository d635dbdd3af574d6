"""What has to be done again before staff sign in as safely as the body wants."""

from __future__ import annotations

from datetime import date

from portal.accounts.second_step import staff_with_unreadable
from portal.core.readiness import Lack


def missing(on: date) -> list[str]:  # noqa: ARG001 - every app is asked for a day
    """A sentence where staff have a second step that cannot be read; else empty. One query."""
    number = len(staff_with_unreadable())
    if not number:
        return []
    who = "One of the staff has" if number == 1 else f"{number} of the staff have"
    return [
        Lack(
            f"{who} a second step that cannot be read, because its secret key is gone. It counts "
            "as not set up: until they set it up again, their password alone lets them in "
            "(docs/deploying.md, “The secret key”).",
            "admin:accounts_user_changelist",
        )
    ]
