"""Signing in: the views are allauth's, the addresses ours, and only those that are needed."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import path, re_path
from django.views.generic import RedirectView

from portal.accounts.views import second_step, signing_in

urlpatterns = [
    path("sign-in/", signing_in.SignInView.as_view(), name="account_login"),
    path("sign-in/code/", signing_in.AskForCodeView.as_view(), name="account_request_login_code"),
    path(
        "sign-in/code/check/",
        signing_in.CheckSignInCodeView.as_view(),
        name="account_confirm_login_code",
    ),
    path(
        "sign-in/second-step/",
        second_step.SecondStepCodeView.as_view(),
        name="mfa_authenticate",
    ),
    path("sign-in/again/", account.reauthenticate, name="account_reauthenticate"),
    path("sign-in/again/second-step/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-out/", account.logout, name="account_logout"),
    path("create-an-account/", signing_in.CreateAccountView.as_view(), name="account_signup"),
    path(
        "create-an-account/check/",
        signing_in.CheckSignUpCodeView.as_view(),
        name="account_email_verification_sent",
    ),
    path("forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "forgotten/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # allauth leads here from a code page that has nothing left to do.
    path(
        "account/email/", RedirectView.as_view(pattern_name="account:about"), name="account_email"
    ),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/new/", account.password_set, name="account_set_password"),
    path("account/second-step/", second_step.SecondStepView.as_view(), name="mfa_index"),
    path(
        "account/second-step/app/",
        second_step.SetUpSecondStepView.as_view(),
        name="mfa_activate_totp",
    ),
    path(
        "account/second-step/app/removal/",
        second_step.RemoveSecondStepView.as_view(),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/second-step/codes/",
        second_step.RecoveryCodesView.as_view(),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/second-step/codes/new/",
        second_step.NewRecoveryCodesView.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-step/codes/file/",
        second_step.RecoveryCodesFileView.as_view(),
        name="mfa_download_recovery_codes",
    ),
]
