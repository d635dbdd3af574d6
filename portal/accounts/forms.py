"""allauth's forms with the portal's labels and sentences."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest  # noqa: TID251 - who tries
from django.utils import timezone

from portal.accounts.asking_for_mail import ask_for_mail
from portal.accounts.codes import CodeTooOld, CodeWrong, Purpose, check_code, use_code
from portal.accounts.limits import (
    Attempt,
    TooOften,
    count_attempt,
    count_from_network,
    forgive_attempts,
)
from portal.accounts.models import MailRequest, User
from portal.accounts.password_rules import HINT
from portal.accounts.signing_up import SignUp, keep_sign_up
from portal.core.forms.base import PortalFormMixin
from portal.core.text.email_address import EmailAddressField

ENTER_EMAIL = "Enter your email address"
# Others may have used up the attempts at an address: a code by email is the way round them.
OR_BY_CODE = ", or choose “Email me a sign-in code”"


def word(field: forms.Field, label: str, required: str, *, hint: str = "", **attrs: str) -> None:
    """Give a field of allauth's our label, sentence and hint, and take its placeholder away."""
    field.label = label
    field.help_text = hint
    field.error_messages["required"] = required
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def email_field(hint: str = "") -> EmailAddressField:
    """Where the address is asked for, instead of allauth's own field."""
    field = EmailAddressField()
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
    return field


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


def refuse_too_often_from(
    request: HttpRequest, attempt: Attempt, form: forms.BaseForm, field: str | None
) -> None:
    """Count this network's attempt; where there were too many, say so at the field."""
    try:
        count_from_network(request, attempt)
    except TooOften as error:
        form.add_error(field, str(error))


class SignInForm(PortalFormMixin, allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field()
        self.order_fields(["login", "password"])
        word(self.fields["password"], "Password", "Enter your password")

    def clean(self) -> dict[str, Any]:
        """What is wrong stands at the password, whichever of the two it is: it is typed again."""
        if not self.errors:
            refuse_too_often_from(self.request, Attempt.SIGN_INS, self, "password")
        try:
            return dict(super().clean() or {})
        except forms.ValidationError as error:
            too_often = error.code == "tried_too_often"
            self.add_error("password", f"{error.message}{OR_BY_CODE}" if too_often else error)
            return self.cleaned_data


class CreateAccountForm(PortalFormMixin, allauth.SignupForm):
    first_name = forms.CharField(
        label="First name",
        max_length=100,
        required=False,
        help_text="If you have one name, leave this empty.",
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=100,
        error_messages={"required": "Enter your last name"},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    field_order = ["first_name", "last_name", "email", "password1"]
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field(
            "We will send a code to this address to check that it is yours."
        )
        word(self.fields["password1"], "Password", "Enter a password", hint=HINT)
        self.order_fields(self.field_order)

    def validate_unique_email(self, value: str) -> str:
        """Nobody is looked up (signing_up.py): allauth does nothing else for whoever has an
        account.
        """
        self.account_already_exists = True
        return value

    def clean(self) -> Any:
        """allauth compares the password with the address alone: the names are compared too."""
        cleaned = super().clean()
        if not self.errors:
            refuse_too_often_from(context.request, Attempt.SIGN_UPS, self, None)
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
        """Keep what was typed until the code shows that the address is theirs."""
        given = self.cleaned_data
        keep_sign_up(
            request.session,
            SignUp(
                given["email"],
                make_password(given["password1"]),
                given["first_name"],
                given["last_name"],
                get_next_redirect_url(request) or "",
            ),
        )
        return super().try_save(request)


class MailedCodeMixin(PortalFormMixin):
    """A code that was mailed, for whichever window of the address (codes.py).

    Checked here, and used up by the view together with what it lets do: where that fails, the same
    code may be sent again.
    """

    purpose: Purpose
    email: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            count_from_network(context.request, Attempt.CODE_TRIES)
            check_code(code, email=self.email, purpose=self.purpose, at=timezone.now())
        except (CodeWrong, CodeTooOld, TooOften) as error:
            raise forms.ValidationError(str(error)) from error
        return code

    def use_up(self) -> None:
        """In the transaction of what the code lets do. Raises CodeWrong, CodeTooOld."""
        code = self.cleaned_data["code"]
        use_code(code, email=self.email, purpose=self.purpose, at=timezone.now())


class SignUpCodeForm(MailedCodeMixin, allauth.ConfirmEmailVerificationCodeForm):
    purpose = Purpose.ADDRESS


class AskForCodeForm(PortalFormMixin, allauth.RequestLoginCodeForm):
    """Nobody is looked up: to allauth, whoever asks has no account (adapters.py)."""

    _user = None  # allauth's view reads it of the form, and offers no other way to say so

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field()

    def clean_email(self) -> str:
        try:
            count_from_network(context.request, Attempt.CODES)
        except TooOften as error:
            raise forms.ValidationError(str(error)) from error
        return str(self.cleaned_data["email"])


class SignInCodeForm(MailedCodeMixin, allauth.ConfirmLoginCodeForm):
    purpose = Purpose.SIGN_IN

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email


class ForgottenPasswordForm(PortalFormMixin, allauth.ResetPasswordForm):
    """Nobody is looked up: a job does (asking_for_mail.py)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field()

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        try:
            count_from_network(context.request, Attempt.LINKS)
            count_attempt(context.request, Attempt.RESET, email=email)
        except TooOften as error:
            raise forms.ValidationError(str(error)) from error
        return email

    def save(self, request: Any, **_: Any) -> str:  # noqa: ARG002 - allauth's
        email: str = self.cleaned_data["email"]
        ask_for_mail(MailRequest.Kind.RESET, email=email, at=timezone.now())
        return email


class NewPasswordForm(PortalFormMixin, allauth.ResetPasswordKeyForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)

    def clean(self) -> Any:
        cleaned = super().clean()
        if not self.errors:
            refuse_too_often_from(context.request, Attempt.NEW_PASSWORDS, self, "password1")
        return cleaned

    def save(self) -> None:
        """Whoever has the mail starts again with the password."""
        super().save()
        anew = (Attempt.PASSWORD, Attempt.SECOND_STEP)
        forgive_attempts(context.request, anew, email=self.user.email)


class ChangePasswordForm(PortalFormMixin, allauth.ChangePasswordForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["oldpassword"], "Current password", "Enter your current password")
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)

    def clean_oldpassword(self) -> str:
        """A wrong one is counted as at signing in."""
        email = self.user.email
        try:
            count_attempt(context.request, Attempt.PASSWORD, email=email)
        except TooOften as error:
            raise forms.ValidationError(str(error)) from error
        old: str = super().clean_oldpassword()
        forgive_attempts(context.request, [Attempt.PASSWORD], email=email)
        return old


class SetPasswordForm(PortalFormMixin, allauth.SetPasswordForm):
    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password1"], "New password", "Enter a new password", hint=HINT)


class PasswordAgainForm(PortalFormMixin, allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password"], "Password", "Enter your password")
