"""The messages about signing in. Which one goes out is allauth's decision; the words are ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.accounts.models import MailRequest, User
from portal.core.links import absolute_url
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail

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
    "authenticator app.",
    "totp_deactivated": "Signing in to your account no longer asks for a code from an "
    "authenticator app.",
    "recovery_codes_generated": "New recovery codes were made for your account. The old ones no "
    "longer work.",
}


def queue_account_mail(
    name: str, *, to: str, at: datetime, context: Mapping[str, Any] | None = None
) -> OutgoingMail:
    """Queue the message that allauth calls `name`. Those with a code or link are secret."""
    words = dict(context or {})
    if name in CHANGES:
        template = "account_changed"
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
    """The office took the second step away for who had lost phone and codes."""
    queue_mail(
        "account/emails/account_changed",
        to=user.email,
        subject=SUBJECTS["totp_deactivated"],
        context={
            "change": "The office has taken the second step away from your sign-in. You can set "
            "it up again in your account.",
            "at": at,
            "ip": "",
            "forgotten_url": absolute_url("account_reset_password"),
        },
        written_at=at,
    )
