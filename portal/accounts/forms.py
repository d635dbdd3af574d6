"""allauth's forms with the portal's labels and sentences."""

from __future__ import annotations

import re
from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.passwords import HINT
from portal.accounts.second_step import app_of
from portal.accounts.signing_up import SignUp, keep_sign_up
from portal.core.forms.base import PortalFormMixin
from portal.core.sealing import Unreadable

WRONG_CODE_OF_APP = "That code is not right. Enter the one your app shows now"

ENTER_EMAIL = "Enter your email address"
# Others may have used up the attempts at an address: a code by email is the way round them.
TOO_OFTEN = (
    "That was tried too often. Wait five minutes, or have a code sent to you: choose “Email me a "
    "sign-in code”"
)
CODES_TOO_OFTEN = (
    "Several codes have been sent to this address. Look in your email, or wait a quarter of an "
    "hour and ask for another"
)


def word(field: forms.Field, label: str, required: str, *, hint: str = "", **attrs: str) -> None:
    """Give a field of allauth's our label, sentence and hint, and take its placeholder away."""
    field.label = label
    field.help_text = hint
    field.error_messages["required"] = required
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def word_email(field: forms.Field, hint: str = "") -> None:
    word(
        field,
        "Email address",
        ENTER_EMAIL,
        hint=hint,
        autocomplete="username",
        inputmode="email",
        spellcheck="false",
        autocapitalize="none",
    )


def word_code(field: forms.Field, label: str = "Code", hint: str = "") -> None:
    word(
        field,
        label,
        "Enter the code",
        hint=hint,
        autocomplete="one-time-code",
        autocapitalize="characters",
        spellcheck="false",
        **{"class": "width-short"},
    )


class SignInForm(PortalFormMixin, allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_email(self.fields["login"])
        word(self.fields["password"], "Password", "Enter your password")

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        """What is wrong stands at the password, whichever of the two it is: it is typed again."""
        try:
            return super()._clean_with_password(credentials)
        except forms.ValidationError as error:
            too_often = error.code == "too_many_login_attempts"
            self.add_error("password", TOO_OFTEN if too_often else error)
            return self.cleaned_data


class CreateAccountForm(PortalFormMixin, allauth.SignupForm):
    first_name = forms.CharField(
        label="First name",
        max_length=35,
        error_messages={"required": "Enter your first name"},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=35,
        error_messages={"required": "Enter your last name"},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    field_order = ["first_name", "last_name", "email", "password1"]
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_email(self.fields["email"], "We send a code to it, to make sure that it is yours.")
        word(self.fields["password1"], "Password", "Enter a password", hint=HINT)

    def validate_unique_email(self, value: str) -> str:
        """An account that nobody has confirmed is in nobody's way: see signing_up.py."""
        value = str(super().validate_unique_email(value))
        if self.account_already_exists:
            waits = User.objects.with_email(value).unclaimed().exists()
            self.account_already_exists = not waits
        return value

    def clean(self) -> Any:
        """allauth compares the password with the address alone: the names are compared too."""
        cleaned = super().clean()
        named = User(
            signup_first_name=self.cleaned_data.get("first_name", ""),
            signup_last_name=self.cleaned_data.get("last_name", ""),
        )
        if "password1" in self.cleaned_data:
            try:
                validate_password(self.cleaned_data["password1"], named)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: Any) -> Any:
        """The account that waits for its code; where there is one already, a mail that says so.

        The same work for both: hashing takes long on purpose, and left out, the time would tell
        whose address has an account.
        """
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
            return super().try_save(request)
        waiting = self._waiting()
        if waiting is None:
            try:
                with transaction.atomic():
                    made = self.save(request)
            except IntegrityError:  # the same address, signed up a moment ago
                waiting = self._waiting()
                self.account_already_exists = waiting is None
                if waiting is None:
                    return super().try_save(request)
            else:
                self._keep(request, made.password)
                return made, None
        self._keep(request, make_password(self.cleaned_data["password1"]))
        return waiting, None

    def _waiting(self) -> User | None:
        """The account at this address that nobody has confirmed yet."""
        found = User.objects.with_email(self.cleaned_data["email"]).unclaimed().first()
        return found if isinstance(found, User) else None

    def _keep(self, request: Any, password_hash: str) -> None:
        given = self.cleaned_data
        sign_up = SignUp(given["email"], password_hash, given["first_name"], given["last_name"])
        keep_sign_up(request.session, sign_up)


class SignUpCodeForm(PortalFormMixin, allauth.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])


class AskForCodeForm(PortalFormMixin, allauth.RequestLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_email(self.fields["email"])

    def clean_email(self) -> str:
        try:
            email = str(super().clean_email())
        except forms.ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise forms.ValidationError(CODES_TOO_OFTEN) from error
            raise
        self._user: User | None = confirmed(self._user)
        return email


class SignInCodeForm(PortalFormMixin, allauth.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])


class ForgottenPasswordForm(PortalFormMixin, allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_email(self.fields["email"])

    def clean_email(self) -> str:
        email = str(super().clean_email())
        self.users: list[User] = [user for user in self.users if confirmed(user)]
        return email


class NewPasswordForm(PortalFormMixin, allauth.ResetPasswordKeyForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)


class ChangePasswordForm(PortalFormMixin, allauth.ChangePasswordForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["oldpassword"], "Current password", "Enter your current password")
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)


class SetPasswordForm(PortalFormMixin, allauth.SetPasswordForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)


class PasswordAgainForm(PortalFormMixin, allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password"], "Password", "Enter your password")


class CodeMixin:
    """Recovery codes that cannot be read fit no code, and keep none of the app's from fitting."""

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except Unreadable as error:
            app = app_of(self.user.pk)
            code = str(self.cleaned_data["code"])
            if app is None or not app.wrap().validate_code(code):
                raise get_adapter().validation_error("incorrect_code") from error
            self.authenticator = app
            return code


class SecondStepForm(CodeMixin, PortalFormMixin, mfa.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])


class SecondStepAgainForm(CodeMixin, PortalFormMixin, mfa.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])


class SetUpSecondStepForm(PortalFormMixin, ActivateTOTPForm):
    """Setting up: there are no recovery codes yet that a wrong one could have been meant for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"], "Code from the app")

    def add_error(self, field: str | None, error: Any) -> None:
        if getattr(error, "code", "") == "incorrect_code":
            error = forms.ValidationError(WRONG_CODE_OF_APP, code="incorrect_code")
        super().add_error(field, error)

    @property
    def key_in_fours(self) -> str:
        """The key as it is easiest to type; apps leave the spaces out."""
        return " ".join(re.findall(".{1,4}", self.secret))


def confirmed(user: User | None) -> User | None:
    """The account, if its address is shown to be its holder's: codes and links go to no other.

    Else somebody who signed up with another's address would have a password to the account that
    the other confirms by signing in with a code.
    """
    if user is not None and User.objects.verified().filter(pk=user.pk).exists():
        return user
    return None
