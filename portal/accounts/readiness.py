"""What staff must set up again before they sign in as safely as the body wants."""

from __future__ import annotations

from datetime import date

from portal.accounts.models import User
from portal.accounts.second_step import staff_with_unreadable
from portal.core.readiness import Lack

NAMED = 20  # of those who are concerned


def missing(on: date) -> list[str]:  # noqa: ARG001 - every app is asked for a day
    """A sentence where there is no administrator, and where staff have a second step that cannot
    be read; else empty. Two queries."""
    sentences: list[str] = []
    if not User.objects.administrators().exists():
        sentences.append(
            Lack(
                "There is no administrator yet, so nobody can say who works in the office. To "
                "make one, run `portal staff add EMAIL --all`."
            )
        )
    unreadable = [user.email for user in staff_with_unreadable()]
    if unreadable:
        sentences.append(
            Lack(
                f"The second step of {_listed(unreadable)} cannot be read, because its secret "
                "key is gone. Until they set it up again, their password alone lets them in "
                "(see “Second step” on the page of the account).",
                "admin:accounts_user_changelist",
            )
        )
    return sentences


def _listed(emails: list[str]) -> str:
    shown = ", ".join(emails[:NAMED])
    return f"{shown} and {len(emails) - NAMED} more" if len(emails) > NAMED else shown
