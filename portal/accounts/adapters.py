"""Where allauth meets the portal: its mail, its words, its secrets."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.asking_for_mail import ask_for_mail
from portal.accounts.codes import WRONG_CODE
from portal.accounts.emails import queue_account_mail
from portal.accounts.limits import (
    MAILS,
    Attempt,
    TooOften,
    count_attempt,
    forgive_attempts,
)
from portal.accounts.models import MailRequest, User
from portal.accounts.old_hashes import even_out, renew_hash
from portal.accounts.second_step import APP, PURPOSE, app_of, is_readable
from portal.accounts.signals import address_verified
from portal.accounts.signing_up import AddressTaken, SignUp, account_to_confirm, take_sign_up
from portal.core.body.details import the_body
from portal.core.machine.sealing import seal, unseal
from portal.core.rows.locking import lock
from portal.core.text.email_address import tidy_email
from portal.core.web.proofs import is_fresh, proved_at
from portal.core.web.referer import LONGEST_PAGE

# By allauth's name of the message: what it is with us.
ASKED_FOR = {
    "unknown_account": MailRequest.Kind.SIGN_IN,
    "account_already_exists": MailRequest.Kind.SIGN_UP,
    "email_confirmation": MailRequest.Kind.CONFIRM,
    "email_confirmation_signup": MailRequest.Kind.CONFIRM,
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Contact us if you think it should be open",
        "email_password_mismatch": (
            "Your email address or password is wrong. Check both and try again"
        ),
        "enter_current_password": "That is not your current password. Enter it again",
        "incorrect_code": WRONG_CODE,
        "incorrect_password": "That is not your password. Enter it again",
        "invalid_password_reset": "This link has been used or is too old. Ask for a new one",
        # Of codes by email: how often something may be tried is said by limits.py.
        "too_many_login_attempts": (
            "You entered a wrong code three times. Send this form again for a new one"
        ),
    }

    def clean_email(self, email: str) -> str:
        return tidy_email(email)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by us (limits.py). Raises ValidationError."""
        try:
            count_attempt(request, Attempt.PASSWORD, email=credentials.get("email", ""))
        except TooOften as error:
            raise ValidationError(str(error), code="tried_too_often") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whoever knows the password starts again: only wrong ones count."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            forgive_attempts(request, [Attempt.PASSWORD], email=credentials.get("email", ""))
            if not (request.user.is_authenticated or renew_hash(user, credentials["password"])):
                return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password takes as long whoever's it is (old_hashes.py)."""
        even_out(email=credentials.get("email", ""), password=credentials["password"])

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in has entered a moment ago what would be asked for."""
        asked: bool = super().is_reauthentication_required(app=app, **kwargs)
        return asked and not is_fresh(proved_at(self.request.session), at=timezone.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """By the second step alone where the account has one: a password proves less.

        Whoever has neither (they sign in with codes by email) is led to set a password.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_second_step = [each for each in methods if each["id"] == "mfa_reauthenticate"]
        if not methods and user.is_authenticated:
            url = reverse("account_set_password")
            return [{"id": "set_password", "description": "Set a password", "url": url}]
        return by_second_step or methods

    def login(self, request: HttpRequest, user: User) -> None:
        """The session is bound to the password as it is now: confirming may have changed it.

        What was mailed to get in is used up by it, so that those mails count no longer.
        """
        user.refresh_from_db(fields=["password"])
        forgive_attempts(request, MAILS, email=user.email)
        super().login(request, user)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark an address as its holder's, and let higher floors find the person it belongs to.

        False where the account has gone meanwhile: another has shown that the address is theirs.
        """
        own = User.objects.filter(pk=email_address.user_id)
        if not lock(own):
            return False
        was_unclaimed = own.unclaimed().exists()
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            user = email_address.user
            if was_unclaimed:
                take_sign_up(request.session, user)
            address_verified.send(sender=User, user=user, at=timezone.now())
        return confirmed

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail for somebody not signed in is asked for (asking_for_mail.py); the rest is queued.

        allauth is never told whose an address is, so to it nobody has an account who asks for a
        code, and everybody has one who signs up.
        """
        name = template_prefix.rsplit("/", 1)[-1]
        kind = ASKED_FOR.get(name)
        if kind is None:
            queue_account_mail(name, to=email, context=context, at=timezone.now())
        else:
            self.send_code(kind, email, context.get("code"))

    def send_code(self, kind: MailRequest.Kind, email: str, code: str | None = None) -> None:
        """Have a code sent, unless there were too many: then the newest is the way in."""
        try:
            count_attempt(self.request, Attempt(kind.value), email=email)
        except TooOften as error:
            messages.warning(self.request, f"{error}.")
        else:
            code = code or self.generate_login_code()
            ask_for_mail(kind, email=email, code=code, at=timezone.now())

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be led there. What is no address at all is not a page of ours."""
        try:
            return len(url or "") <= LONGEST_PAGE and bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages only: nothing of the portal asks these addresses for JSON."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account:about")


@transaction.atomic
def open_signed_up(request: HttpRequest, sign_up: SignUp) -> User:
    """The account of whoever has entered the code of their sign-up, confirmed. Raises
    AddressTaken.
    """
    address = account_to_confirm(sign_up)
    if not AccountAdapter(request).confirm_email(request, address):
        raise AddressTaken
    return User.objects.get(pk=address.user_id)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": (
            "That code is not right. Enter the code your app shows now, or a recovery code you "
            "have not used"
        ),
        "unverified_email": "Confirm your email address before you set up the second step",
    }

    def get_totp_issuer(self) -> str:
        return str(the_body().short_name)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element of the page: dark on white whatever the theme."""
        import qrcode  # type: ignore[import-untyped]
        from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

        image = qrcode.make(url, image_factory=SvgPathFillImage, border=3)
        drawn = BytesIO()
        image.save(drawn)
        return re.sub(r"^<\?xml[^>]*\?>\s*", "", drawn.getvalue().decode())

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Unreadable: the pages ask `is_mfa_enabled` first."""
        return unseal(encrypted_text, purpose=PURPOSE)

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Whether it has a second step of these types that can be read (second_step.py)."""
        if not user.is_authenticated or app_of(user.pk) is None:
            return False
        if types is None or APP in types:
            return True
        others = Authenticator.objects.filter(user=user.pk, type__in=types)
        return any(is_readable(each) for each in others)
