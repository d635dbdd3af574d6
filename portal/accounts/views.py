"""allauth's pages, where they need more than templates."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.stages import LoginStage
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from django.http import HttpRequest, HttpResponseRedirect


class NotLedBackMixin:
    """A page that also opens for who is half signed in.

    allauth would lead them to the code or second step that they have not entered: whoever wants
    another address, or has nothing to enter, could not get out. What is half done stays open in
    this browser until it is done, replaced or too old; nobody gets further by it than before.
    """

    def _redirect_to_pending_stage(
        self,
        request: HttpRequest,  # noqa: ARG002
        stage: LoginStage,  # noqa: ARG002
    ) -> HttpResponseRedirect | None:
        return None


class SignInView(NotLedBackMixin, account.LoginView):
    pass


class CreateAccountView(NotLedBackMixin, account.SignupView):
    pass


class AskForCodeView(NotLedBackMixin, account.RequestLoginCodeView):
    pass


class SetUpSecondStepView(ActivateTOTPView):
    def get_success_url(self) -> str:
        """The recovery codes; they lead on to the page that was asked for before."""
        return passthrough_next_redirect_url(self.request, super().get_success_url(), "next")


class RecoveryCodesView(ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["next_url"] = get_next_redirect_url(self.request)
        return context
