"""allauth's pages, where they need more than templates."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.stages import LoginStage
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.totp.views import ActivateTOTPView
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts.second_step import has_second_step


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
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The second of two clicks, or of two at once, leads where the first one did."""
        if request.method == "POST" and has_second_step(request.user.pk):
            return redirect(self._recovery_codes())
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except IntegrityError:
            return redirect(self._recovery_codes())
        return response

    def form_valid(self, form: Any) -> Any:
        """A code signs in once: the one that has set it up does not."""
        response = super().form_valid(form)
        made = Authenticator.objects.get(user=self.request.user.pk, type=Authenticator.Type.TOTP)
        TOTP(made).validate_code(form.cleaned_data["code"])
        return response

    def get_success_url(self) -> str:
        """The recovery codes; they lead on to the page that was asked for before."""
        return self._onward(super().get_success_url())

    def _recovery_codes(self) -> str:
        return self._onward(reverse("mfa_view_recovery_codes"))

    def _onward(self, page: str) -> str:
        return str(passthrough_next_redirect_url(self.request, page, "next"))


class RecoveryCodesView(ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["next_url"] = get_next_redirect_url(self.request)
        return context
