"""The messages about signing in. Which one goes out is allauth's decision; the words are ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.accounts.models import MailRequest, User
from portal.core.mail.kinds import name_kinds
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail
from portal.core.web.links import absolute_url

name_kinds(
    {
        "account_already_exists": "You already have an account",
        "account_changed": "Change to an account",
        "email_confirmation": "Code to confirm an address",
        "email_confirmation_signup": "Code to create an account",
        "login_code": "Sign-in code",
        "password_reset_key": "Link to set a new password",
        "unknown_account": "No account at this address",
        "way_in": "New way in for an administrator",
    }
)

# By allauth's name of the message: our subject.
SUBJECTS = {
    "account_already_exists": "You already have an account",
    "unknown_account": "No account at this address yet",
    "email_confirmation": "Confirm your email address",
    "email_confirmation_signup": "Your code to create an account",
    "login_code": "Your sign-in code",
    "password_reset_key": "Set a new password",
    "password_changed": "Your password was changed",
    "password_reset": "Your password was changed",
    "password_set": "Your password was set",
    "totp_activated": "The second step is now part of your sign-in",
    "totp_deactivated": "The second step is no longer part of your sign-in",
    "recovery_codes_generated": "You have new recovery codes",
}
ELSEWHERE = "We have signed you out of every other browser."
SIGNED_OUT = "We have signed you out of every browser."
SECRET = {"email_confirmation", "email_confirmation_signup", "login_code", "password_reset_key"}
CODES = {
    MailRequest.Kind.SIGN_IN: "login_code",
    MailRequest.Kind.SIGN_UP: "email_confirmation_signup",
    MailRequest.Kind.CONFIRM: "email_confirmation",
}
CHANGES = {
    "password_changed": "The password of your account was changed.",
    "password_reset": "A new password was set for your account.",
    "password_set": "A password was set for your account.",
    "totp_activated": "From now on, signing in to your account also asks for a code from your "
    f"authenticator app. {ELSEWHERE}",
    "totp_deactivated": "Signing in to your account no longer asks for a code from an "
    f"authenticator app. {ELSEWHERE}",
    "recovery_codes_generated": "New recovery codes were made for your account. The old ones no "
    f"longer work. {ELSEWHERE}",
}


def queue_account_mail(
    name: str, *, to: str, at: datetime, context: Mapping[str, Any] | None = None
) -> OutgoingMail:
    """Queue the message that allauth calls `name`. Those with a code or link are secret.

    Somebody waits at a page for all but those that tell of a change.
    """
    priority = OutgoingMail.Priority.URGENT
    words = dict(context or {})
    if name in CHANGES:
        template = "account_changed"
        priority = OutgoingMail.Priority.USUAL
        words = {"change": CHANGES[name], "at": words["timestamp"], "ip": words["ip"]}
    else:
        template = name
    return queue_mail(
        f"account/emails/{template}",
        to=to,
        subject=SUBJECTS[name],
        context={
            **words,
            "email": to,
            "forgotten_url": absolute_url("account_reset_password"),
            "sign_in_url": absolute_url("account_login"),
            "sign_up_url": absolute_url("account_signup"),
        },
        written_at=at,
        is_secret=name in SECRET,
        priority=priority,
    )


def queue_code(kind: MailRequest.Kind, code: str, *, to: str, at: datetime) -> OutgoingMail:
    """The code that somebody waits for at a page."""
    return queue_account_mail(CODES[kind], to=to, at=at, context={"code": code})


def queue_reset_link(user: User, *, uid: str, token: str, at: datetime) -> None:
    """The link to set a new password."""
    url = absolute_url("account_reset_password_from_key", uid, token)
    context = {"password_reset_url": url}
    queue_account_mail("password_reset_key", to=user.email, at=at, context=context)


def queue_second_step_removed(user: User, *, at: datetime) -> None:
    """The office took the second step away for whoever had lost phone and codes."""
    _queue_change_by_others(
        user,
        SUBJECTS["totp_deactivated"],
        "The office has removed the second step from your sign-in. You can set it up again in "
        f"your account. {SIGNED_OUT}",
        at=at,
    )


def queue_rights_changed(user: User, *, at: datetime) -> None:
    """The rights of the office were given to an account, or taken from it."""
    if user.is_superuser:
        now = "You now work in the portal’s office as an administrator."
    elif user.is_staff:
        now = "You still work in the portal’s office, but no longer as an administrator."
    else:
        now = "You no longer work in the portal’s office. The rest of your account is unchanged."
    _queue_change_by_others(
        user, "What you can do in the portal has changed", f"{now} {SIGNED_OUT}", at=at
    )


def queue_way_in(user: User, *, url: str, at: datetime) -> None:
    """Whoever runs the machine lets an administrator in again, who cannot sign in.

    `url`: the link to set a password; empty where they have it from the one who did it.
    """
    queue_mail(
        "account/emails/way_in",
        to=user.email,
        subject="Your new way into the portal",
        context={"email": user.email, "url": url, "at": at},
        written_at=at,
        priority=OutgoingMail.Priority.URGENT,
        is_secret=bool(url),
    )


def _queue_change_by_others(user: User, subject: str, change: str, *, at: datetime) -> None:
    queue_mail(
        "account/emails/account_changed",
        to=user.email,
        subject=subject,
        context={"change": change, "at": at, "ip": "", "is_by_others": True},
        written_at=at,
        priority=OutgoingMail.Priority.USUAL,
    )
