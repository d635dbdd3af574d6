"""allauth's pages, where they need more than templates."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.stages import LoginStage
from allauth.account.utils import (
    get_next_redirect_url,
    perform_login,
)
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect

from portal.accounts.adapters import open_signed_up
from portal.accounts.codes import CodeTooOld, CodeWrong
from portal.accounts.forms import SignInCodeForm, SignUpCodeForm
from portal.accounts.models import MailRequest, User
from portal.accounts.noting_proofs import note_beginning
from portal.accounts.sessions import why_signed_out
from portal.accounts.signing_up import (
    AddressTaken,
    SignUpForgotten,
    kept_address,
    kept_sign_up,
)
from portal.accounts.views.signed_in_already import leads_on
from portal.core.rows.locking import lock

NO_ACCOUNT_ANY_MORE = (
    "There is no longer an account with this address. Create one, or contact us using the "
    "details below."
)
NOTHING_TO_CONFIRM = (
    "There is nothing left to confirm in this browser. Sign in, or create an account."
)


class NotLedBackMixin:
    """A page that also opens for whoever is half signed in.

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
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"why_signed_out": why_signed_out(self.request)}


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
        try:
            return self._sign_in(form, email)
        except (CodeWrong, CodeTooOld) as error:  # used in another window, a moment ago
            form.add_error("code", str(error))
            return cast("HttpResponse", self.form_invalid(form))

    @transaction.atomic
    def _sign_in(self, form: SignInCodeForm, email: str) -> HttpResponse:
        form.use_up()
        user = User.objects.with_email(email).verified().first()
        if not isinstance(user, User):  # deleted since the code was sent
            messages.error(self.request, NO_ACCOUNT_ANY_MORE)
            return redirect("account_login")
        note_beginning(self.request.session, user)
        onward = self.get_next_url()
        response: HttpResponse = perform_login(self.request, user, email=email, redirect_url=onward)
        self.request.session.save()
        return response


def to_sign_in() -> HttpResponse:
    return redirect("account_login")


class CheckSignUpCodeView(account.ConfirmEmailVerificationCodeView):
    """The code to create an account: the account is made when it is right, and not before."""

    has_begun = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The second of two clicks leads where the first one did; what is over is told."""
        if request.user.is_authenticated:
            return redirect(get_next_redirect_url(request) or "front")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if not self.has_begun:
            messages.info(request, NOTHING_TO_CONFIRM)
        return response

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._what_is_over() or super().get(*args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._what_is_over() or super().post(*args, **kwargs)

    def _what_is_over(self) -> HttpResponse | None:
        """Neither an account that waits to be confirmed, nor what was typed to have one."""
        self.has_begun = True
        is_kept = kept_sign_up(self.request.session, email=self._email) is not None
        return None if is_kept or self._account else self._forgotten()

    def _forgotten(self) -> HttpResponse:
        messages.error(self.request, str(SignUpForgotten()))
        return redirect("account_signup")

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
        if not isinstance(form, SignUpCodeForm):
            return self._send_anew(form)
        try:
            return self._confirm(form)
        except (CodeWrong, CodeTooOld) as error:  # used in another window, a moment ago
            form.add_error("code", str(error))
            return self.form_invalid(form)
        except AddressTaken as error:
            messages.error(self.request, str(error))
            return cast("HttpResponse", self.stage.abort()) if self.stage else to_sign_in()
        except SignUpForgotten:
            return self._forgotten()

    @property
    def _account(self) -> User | None:
        """Of who signs in with the password of an account that is not confirmed yet."""
        return self.stage.login.user if self.stage is not None else None

    @property
    def _email(self) -> str:
        """Without a stage something else was begun in this browser since: the sign-up goes on."""
        return self.stage.login.email if self.stage else kept_address(self.request.session)

    def _send_anew(self, form: Any) -> HttpResponse:
        """The other button."""
        response: HttpResponse = super().form_valid(form)
        if self._account is None:
            get_adapter().send_code(MailRequest.Kind.SIGN_UP, self._email)
        return response

    @transaction.atomic
    def _confirm(self, form: SignUpCodeForm) -> HttpResponse:
        """Raises CodeWrong, CodeTooOld, AddressTaken, SignUpForgotten."""
        form.use_up()
        if self._account is not None:
            if not lock(User.objects.filter(pk=self._account.pk)):
                raise SignUpForgotten
            response: HttpResponse = super().form_valid(form)
        else:
            sign_up = kept_sign_up(self.request.session, email=self._email)
            if sign_up is None:
                raise SignUpForgotten
            user = open_signed_up(self.request, sign_up)
            response = perform_login(
                self.request, user, email=user.email, redirect_url=sign_up.onward, signup=True
            )
        self.request.session.save()
        return response
