"""allauth's pages, where they need more than templates."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.stages import LoginStage
from allauth.account.utils import (
    get_next_redirect_url,
    passthrough_next_redirect_url,
    perform_login,
)
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.generic.edit import FormView

from portal.accounts.adapters import open_signed_up
from portal.accounts.forms import SignInCodeForm, SignUpCodeForm
from portal.accounts.models import MailRequest, User
from portal.accounts.proofs import has_ended_meanwhile, note_beginning, note_second_step
from portal.accounts.second_step import (
    APP,
    CODES,
    SetUpAlready,
    change_own,
    has_leftovers,
    has_second_step,
    is_first_use,
    make_room,
)
from portal.accounts.sessions import keep_session
from portal.accounts.signing_up import AddressTaken, kept_address, kept_sign_up
from portal.core.sealing import Unreadable


class BegunAnew(Exception):
    """What was begun in this session no longer counts."""


def leads_on(page: str) -> dict[str, Any]:
    """The hidden field that says where the person wanted to go: they go on there too where they
    have signed in in another tab (signed_in_already.py)."""
    if not page:
        return {}
    field = format_html('<input type="hidden" name="{}" value="{}">', REDIRECT_FIELD_NAME, page)
    return {"redirect_field": field}


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
    def get_initial(self) -> dict[str, Any]:
        """What was typed in this browser and not confirmed yet; never a password."""
        initial: dict[str, Any] = super().get_initial()
        sign_up = kept_sign_up(self.request.session, email=kept_address(self.request.session))
        if sign_up is not None:
            names = ("first_name", "last_name", "email")
            initial |= {name: getattr(sign_up, name) for name in names}
        return initial


class AskForCodeView(NotLedBackMixin, account.RequestLoginCodeView):
    pass


class CheckSignInCodeView(account.ConfirmLoginCodeView):
    """The code to sign in: whose it is, is looked up when it is right, and not before."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if issubclass(self.get_form_class(), SignInCodeForm):
            kwargs["email"] = self.stage.login.email
        return kwargs

    def form_valid(self, form: Any) -> HttpResponse:
        email = self.stage.login.email
        if not isinstance(form, SignInCodeForm):  # the other button: a new code
            response: HttpResponse = super().form_valid(form)
            get_adapter().send_code(MailRequest.Kind.SIGN_IN, email)
            return response
        user = User.objects.with_email(email).verified().first()
        if not isinstance(user, User):  # deleted since the code was sent
            return redirect("account_login")
        note_beginning(self.request.session, user)
        onward = self.get_next_url()
        return perform_login(self.request, user, email=email, redirect_url=onward)


def to_sign_in() -> HttpResponse:
    return redirect("account_login")


class CheckSignUpCodeView(account.ConfirmEmailVerificationCodeView):
    """The code to create an account: the account is made when it is right, and not before."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The second of two clicks leads where the first one did."""
        if request.user.is_authenticated:
            return redirect(get_next_redirect_url(request) or "front")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        sign_up = kept_sign_up(self.request.session, email=context["email"])
        return context | leads_on(sign_up.onward if sign_up else "")

    def form_invalid(self, form: Any) -> HttpResponse:
        """After the third wrong code one begins again, with what was typed."""
        answer: HttpResponse = super().form_invalid(form)
        is_over = answer.status_code == HTTPStatus.FOUND
        return redirect("account_signup") if is_over else answer

    def form_valid(self, form: Any) -> HttpResponse:
        if self.stage is not None and self.stage.login.user is not None:
            response: HttpResponse = super().form_valid(form)
            return response
        # Without a stage something else was begun in this browser since: the sign-up goes on.
        email = self.stage.login.email if self.stage else kept_address(self.request.session)
        if not isinstance(form, SignUpCodeForm):  # the other button: a new code
            response = super().form_valid(form)
            get_adapter().send_code(MailRequest.Kind.SIGN_UP, email)
            return response
        sign_up = kept_sign_up(self.request.session, email=email)
        if sign_up is None:
            return redirect("account_signup")
        try:
            user = open_signed_up(self.request, sign_up)
        except AddressTaken as error:
            messages.error(self.request, str(error))
            return cast("HttpResponse", self.stage.abort()) if self.stage else to_sign_in()
        return perform_login(
            self.request, user, email=email, redirect_url=sign_up.onward, signup=True
        )


class SecondStepCodeView(AuthenticateView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | leads_on(self.stage.login.redirect_url or "")

    def get_form_class(self) -> Any:
        """Whose sessions have ended since the password was entered begins again, and uses up none
        of the holder's tries. Raises BegunAnew."""
        if has_ended_meanwhile(self.request.session, self.stage.login.user):
            raise BegunAnew
        return super().get_form_class()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except BegunAnew:
            return cast("HttpResponseBase", self.stage.abort())
        return response


class SecondStepMixin:
    """A page about a second step that can be read; else the page that says how to go on."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if has_leftovers(request.user.pk):
            return redirect("mfa_index")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class SecondStepView(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["is_unreadable"] = has_leftovers(self.request.user.pk)
        if context["is_unreadable"]:
            context["authenticators"] = {}
        elif CODES in context["authenticators"]:
            context["codes_left"] = len(_unused(context["authenticators"][CODES]))
        return context


class SetUpSecondStepView(ActivateTOTPView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The second of two clicks, or of two at once, leads where the first one did."""
        if request.method == "POST" and has_second_step(request.user.pk):
            return redirect(self._recovery_codes())
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except (SetUpAlready, IntegrityError):
            return redirect(self._recovery_codes())
        return response

    @transaction.atomic
    def form_valid(self, form: Any) -> Any:
        """A code signs in once: the one that has set it up does not. It ends other sessions."""
        user, at = self.request.user, timezone.now()
        make_room(user)
        response = super().form_valid(form)
        made = Authenticator.objects.get(user=user.pk, type=APP)
        made.wrap().validate_code(form.cleaned_data["code"])
        is_first_use(made, form.cleaned_data["code"])
        change_own("second step set up", user, at=at)
        keep_session(self.request)
        note_second_step(self.request.session, made, at=at)
        return response

    def get_success_url(self) -> str:
        """The recovery codes; they lead on to the page that was asked for before."""
        return self._onward(super().get_success_url())

    def _recovery_codes(self) -> str:
        return self._onward(reverse("mfa_view_recovery_codes"))

    def _onward(self, page: str) -> str:
        return str(passthrough_next_redirect_url(self.request, page, "next"))


class RemoveSecondStepView(SecondStepMixin, DeactivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        change_own("second step removed", self.request.user, at=timezone.now())
        keep_session(self.request)
        return response


class RecoveryCodesView(SecondStepMixin, ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            context: dict[str, Any] = super().get_context_data(**kwargs)
        except Unreadable:
            context = {"is_unreadable": True}
        context["next_url"] = get_next_redirect_url(self.request)
        return context


class RecoveryCodesFileView(SecondStepMixin, DownloadRecoveryCodesView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Unreadable:
            return redirect("mfa_view_recovery_codes")


class NewRecoveryCodesView(SecondStepMixin, GenerateRecoveryCodesView):
    @transaction.atomic
    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        change_own("recovery codes made", self.request.user, at=timezone.now())
        keep_session(self.request)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            context: dict[str, Any] = super().get_context_data(**kwargs)
        except Unreadable:  # none of the old ones works
            context = FormView.get_context_data(self, **kwargs)
        return context


def _unused(codes: Any) -> list[str]:
    try:
        return list(codes.get_unused_codes())
    except Unreadable:
        return []
