"""Where allauth meets the portal: its mail, its words, its secrets."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.emails import queue_account_mail
from portal.accounts.last_account import last_account
from portal.accounts.models import User, tidy_email
from portal.accounts.second_step import APP, PURPOSE, app_of, is_readable
from portal.accounts.signals import account_missing, address_verified
from portal.accounts.signing_up import take_sign_up
from portal.core.body import the_body
from portal.core.links import absolute
from portal.core.locking import lock
from portal.core.proofs import is_fresh, proved_at
from portal.core.referer import LONGEST_PAGE
from portal.core.sealing import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Contact us if you think it should be open",
        "email_password_mismatch": "That email address and password do not go together. Check "
        "both and try again",
        "email_taken": "A newer sign-up with this address has taken the place of this one. Use "
        "the code from the newest email, or create the account again",
        "enter_current_password": "That is not your current password. Enter it again",
        "incorrect_code": "That code is not right. Enter the one from the newest email",
        "incorrect_password": "That is not your password. Enter it again",
        "invalid_password_reset": "This link has been used or is too old. Ask for a new one",
        "too_many_login_attempts": "That was tried too often. Wait five minutes, then try again",
        "rate_limited": "Several codes have been sent. Wait five minutes before asking for another",
    }

    def clean_email(self, email: str) -> str:
        return tidy_email(email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted per address, and apart in a browser whose account it is.

        So nobody elsewhere can keep a person from confirming their password or coming back.
        """
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        account = last_account(request)
        own = User.objects.with_email(credentials.get("email", ""))
        return f"{key}:own" if account and own.filter(pk=account).exists() else key

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has signed in within the last minutes has just entered what would be asked for."""
        asked: bool = super().is_reauthentication_required(app=app, **kwargs)
        return asked and not is_fresh(proved_at(self.request.session), at=timezone.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """By the second step alone where the account has one: a password proves less.

        Who has neither (they sign in with codes by email) is led to set a password.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_second_step = [each for each in methods if each["id"] == "mfa_reauthenticate"]
        if not methods and user.is_authenticated:
            url = reverse("account_set_password")
            return [{"id": "set_password", "description": "Set a password", "url": url}]
        return by_second_step or methods

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        """The account of a sign-up, with the names as typed: the person is made from them."""
        user.signup_first_name = form.cleaned_data["first_name"]
        user.signup_last_name = form.cleaned_data["last_name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def login(self, request: HttpRequest, user: User) -> None:
        """The session is bound to the password as it is now: confirming may have changed it."""
        user.refresh_from_db(fields=["password"])
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
        """Every message of allauth becomes a row of the outbox, in our words."""
        name = template_prefix.rsplit("/", 1)[-1]
        at = timezone.now()
        if name == "account_already_exists" and not _is_open(email):
            name = "unknown_account"
        with transaction.atomic():
            if name == "unknown_account":
                answers = account_missing.send(sender=User, email=email, at=at)
                if any(answer for _, answer in answers):
                    return
            queue_account_mail(name, to=email, context=context, at=at)

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be led there. What is no address at all is no page of ours."""
        try:
            return len(url or "") <= LONGEST_PAGE and bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages only: nothing of the portal asks these addresses for JSON."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return absolute(path.replace("UID-KEY", key))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account:about")


def _is_open(email: str) -> bool:
    return User.objects.with_email(email).verified().filter(is_active=True).exists()


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is not right. Enter the one your app shows now, or a recovery "
        "code that you have not used",
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
