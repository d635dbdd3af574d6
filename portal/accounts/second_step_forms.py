"""allauth's forms of the second step with the portal's labels, sentences and counting."""

from __future__ import annotations

import re
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils import timezone

from portal.accounts.forms import word_code
from portal.accounts.limits import Attempt, TooOften, count_attempt, forgive_attempts
from portal.accounts.models import User
from portal.accounts.second_step import APP, app_of, is_first_use, key_to_set_up
from portal.core.forms.base import PortalFormMixin
from portal.core.machine.sealing import Unreadable

WRONG_CODE_OF_APP = "That code is not right. Enter the code your app shows now"


class SecondStepMixin(PortalFormMixin):
    """A code from the app. Wrong ones are counted by us (limits.py).

    Recovery codes that cannot be read fit no code, and keep none of the app's from fitting.
    """

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"])

    def clean_code(self) -> str:
        request, email = context.request, self.user.email
        try:
            count_attempt(request, Attempt.SECOND_STEP, email=email)
        except TooOften as error:
            raise forms.ValidationError(str(error)) from error
        code = self._fitting_code()
        app = self.authenticator
        if app.type == APP and not is_first_use(app, code):
            raise get_adapter().validation_error("incorrect_code")
        forgive_attempts(request, [Attempt.SECOND_STEP], email=email)
        return code

    def _fitting_code(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except Unreadable as error:
            app = app_of(self.user.pk)
            code = str(self.cleaned_data["code"])
            if app is None or not app.wrap().validate_code(code):
                raise get_adapter().validation_error("incorrect_code") from error
            self.authenticator = app
            return code


class SecondStepForm(SecondStepMixin, mfa.AuthenticateForm):
    pass


class SecondStepAgainForm(SecondStepMixin, mfa.ReauthenticateForm):
    pass


class SetUpSecondStepForm(PortalFormMixin, ActivateTOTPForm):
    """Setting up: there are no recovery codes yet that a wrong one could have been meant for."""

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"], "Code from the app")
        self.secret = key_to_set_up(
            context.request.session, fresh=self.secret, is_sent=self.is_bound, at=timezone.now()
        )

    def add_error(self, field: str | None, error: Any) -> None:
        if getattr(error, "code", "") == "incorrect_code":
            error = forms.ValidationError(WRONG_CODE_OF_APP, code="incorrect_code")
        super().add_error(field, error)

    @property
    def key_in_fours(self) -> str:
        """The key as it is easiest to type; apps leave the spaces out."""
        return " ".join(re.findall(".{1,4}", self.secret))
