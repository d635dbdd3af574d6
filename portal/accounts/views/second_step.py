"""allauth's pages of the second step, where they need more than templates."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic.edit import FormView

from portal.accounts.noting_proofs import has_ended_meanwhile, note_second_step
from portal.accounts.second_step import (
    APP,
    CODES,
    SetUpAlready,
    change_own,
    drop_key,
    has_leftovers,
    has_second_step,
    is_first_use,
    make_room,
)
from portal.accounts.sessions import keep_session
from portal.accounts.views.signed_in_already import leads_on
from portal.core.machine.sealing import Unreadable


class BegunAnew(Exception):
    """What was begun in this session no longer counts."""


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
        drop_key(self.request.session)
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
