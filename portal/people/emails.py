"""The messages to people about getting in."""

from __future__ import annotations

from datetime import datetime

from portal.core.body.details import the_body
from portal.core.dates import on_day
from portal.core.mail.kinds import name_kinds
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail
from portal.core.web.links import absolute_url
from portal.people.models import Invitation, Person

name_kinds(
    {
        "account_closed": "Account is closed",
        "account_ready": "Account is ready",
        "invitation": "Invitation",
        "invited_in_person": "Invitation given in person",
        "username": "Forgotten username",
    }
)


def queue_invitation(
    invitation: Invitation, *, token: str, at: datetime, priority: OutgoingMail.Priority
) -> None:
    """How to sign in for the first time, until when the link works, and from whom it comes.

    `priority`: urgent for whoever has asked for it, usual for the one whom the office invites,
    bulk for one of many.
    """
    queue_mail(
        "people/emails/invitation",
        to=invitation.email,
        subject=f"Set your password for the {the_body().short_name} portal",
        context={
            "person": invitation.person,
            "email": invitation.email,
            "url": absolute_url("people:invitation", token),
            "last_day": on_day(invitation.expires_at),
            "help_url": absolute_url("help"),
        },
        written_at=at,
        is_secret=True,
        priority=priority,
    )


def queue_invited_in_person(invitation: Invitation, *, at: datetime) -> None:
    """Whoever runs the machine hands the link of this invitation over: here it does not stand."""
    queue_mail(
        "people/emails/invited_in_person",
        to=invitation.email,
        subject=f"Your way into the {the_body().short_name} portal",
        context={"person": invitation.person, "email": invitation.email, "at": at},
        written_at=at,
        priority=OutgoingMail.Priority.URGENT,
    )


def queue_account_exists(email: str, *, at: datetime) -> None:
    """To who asked to be let in although they have an account."""
    queue_mail(
        "account/emails/account_already_exists",
        to=email,
        subject="You already have an account",
        context=_ways_in(email),
        written_at=at,
        priority=OutgoingMail.Priority.URGENT,
    )


def queue_account_closed(email: str, *, at: datetime) -> None:
    """To who asked to be let in to an account that the office has closed."""
    queue_mail(
        "people/emails/account_closed",
        to=email,
        subject="About your account",
        context=_ways_in(email),
        written_at=at,
        priority=OutgoingMail.Priority.URGENT,
    )


def queue_account_ready(person: Person, *, to: str, at: datetime) -> None:
    """The office has settled whose account it is."""
    queue_mail(
        "people/emails/account_ready",
        to=to,
        subject="Your account is ready",
        context={"person": person, **_ways_in(to)},
        written_at=at,
        priority=OutgoingMail.Priority.USUAL,
    )


def queue_username(person: Person, *, to: str, at: datetime) -> None:
    """To who had forgotten which address they sign in with."""
    queue_mail(
        "people/emails/username",
        to=to,
        subject="Your username",
        context={"person": person, **_ways_in(to)},
        written_at=at,
        priority=OutgoingMail.Priority.URGENT,
    )


def _ways_in(email: str) -> dict[str, str]:
    return {
        "email": email,
        "sign_in_url": absolute_url("account_login"),
        "forgotten_url": absolute_url("account_reset_password"),
    }
