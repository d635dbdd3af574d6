"""The office's page of accounts. Signing in to the office is signing in to the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.accounts.models import User
from portal.accounts.second_step import APP, is_readable
from portal.accounts.staff import (
    NotInOffice,
    OwnAccount,
    Standing,
    remove_second_step,
    set_open,
    set_standing,
)
from portal.core.office.administered_pages import AdministeredPage
from portal.core.office.administering import ADMINISTER, NotAdministrator, ProofNeeded
from portal.core.office.pages import by
from portal.core.web.proofs import ask_for_proof, proved_at

admin.site.index_title = "Settings and look-ups"


def password_page(*_: object, **__: object) -> HttpResponse:
    """Django's own page asks for no second step and tells nobody: there is one for everybody."""
    return redirect("account_change_password")


admin.site.password_change = password_page  # type: ignore[method-assign,assignment]
admin.site.password_change_done = password_page  # type: ignore[method-assign,assignment]

SURE = "sure"  # the button of the page that asks again
Said = tuple[int, str]  # the level of a message, and the sentence

RIGHTS = (
    "Only an administrator can change these, and must confirm who they are first. You cannot "
    "change your own. The holder is told by email and has to sign in again."
)


@admin.register(User)
class UserAdmin(AdministeredPage):
    """Accounts are opened by invitation or sign-up, never here; passwords are nobody's but their
    holder's. What the acts refuse (staff.py) is told on the page."""

    list_display = [
        "email",
        "is_active",
        "is_staff",
        "is_superuser",
        "second_step",
        "last_login",
    ]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email"]
    ordering = ["email"]
    fieldsets = [
        (None, {"fields": ["email", "is_active", "second_step", "last_login", "created_at"]}),
        ("The office", {"fields": ["is_staff", "is_superuser"], "description": RIGHTS}),
    ]
    readonly_fields = ["email", "second_step", "last_login", "created_at"]
    administered = ("is_staff", "is_superuser")
    actions = ["close", "open", "take_second_step_away"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        apps = Prefetch("authenticator_set", Authenticator.objects.filter(type=APP), "apps")
        found: QuerySet[User] = super().get_queryset(request).prefetch_related(apps)
        return found

    @admin.display(description="second step")
    def second_step(self, user: User) -> str:
        """Whether it is set up, and can be read. No query more, however many rows."""
        apps: list[Authenticator] = user.apps  # type: ignore[attr-defined]
        if not apps:
            return "Not set up"
        return "Set up" if is_readable(apps[0]) else "Cannot be read: its secret key is gone"

    def told_with(self, row: User) -> list[Any]:
        """What was done to the person counts: to the office an account and its person are one."""
        return [row, *filter(None, [getattr(row, "person", None)])]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Other staff look at the account of somebody of the staff, and no more. So does everybody
        at their own."""
        if obj is not None and obj.pk == request.user.pk:
            return False
        if obj is not None and any(Standing.of(obj).rights):
            return bool(request.user.has_perm(ADMINISTER))
        return bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if self.is_forged(request):
            return self.refuse(request, str(NotAdministrator()))
        try:
            set_standing(obj, Standing.of(obj), **_by(request))
        except (NotAdministrator, NotInOffice, OwnAccount) as error:
            self.refuse(request, str(error))
        except ProofNeeded:
            ask_for_proof(request)

    @admin.action(description="Close these accounts", permissions=["change"])
    def close(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        if SURE not in request.POST:
            return self._ask(request, users, "close")
        self._set_open(request, users, is_active=False)
        return None

    @admin.action(description="Open these accounts again", permissions=["change"])
    def open(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._set_open(request, users, is_active=True)

    @admin.action(
        description="Take the second step away (phone and codes lost)", permissions=["change"]
    )
    def take_second_step_away(
        self, request: HttpRequest, users: QuerySet[User]
    ) -> HttpResponse | None:
        if SURE not in request.POST:
            return self._ask(request, users, "take_second_step_away")

        def take_away(user: User) -> Said:
            if remove_second_step(user, **_by(request)):
                return messages.SUCCESS, f"The second step of {user} has been taken away."
            return messages.WARNING, f"The account {user} has no second step."

        self._for_each(request, users, take_away)
        return None

    def _set_open(self, request: HttpRequest, users: QuerySet[User], *, is_active: bool) -> None:
        word = "open" if is_active else "closed"

        def set_one(user: User) -> Said:
            if user.is_active == is_active:
                return messages.WARNING, f"The account {user} was already {word}."
            set_open(user, is_active=is_active, **_by(request))
            return messages.SUCCESS, f"The account {user} is {word} now."

        self._for_each(request, users, set_one)

    def _ask(self, request: HttpRequest, users: QuerySet[User], act: str) -> HttpResponse:
        """The page that asks again."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "users": users}
        return TemplateResponse(request, f"admin/{act}.html", context | {"act": act})

    def _for_each(
        self, request: HttpRequest, users: QuerySet[User], act: Callable[[User], Said]
    ) -> None:
        """Do it to each that the act allows, and say of the others why not.

        Where a proof is needed nothing is done and nothing said until it has been given.
        """
        said: list[Said] = []
        try:
            with transaction.atomic():
                for user in users:
                    try:
                        said.append(act(user))
                    except (NotAdministrator, OwnAccount) as error:
                        said.append(
                            (messages.ERROR, f"The account {user} has not been changed. {error}")
                        )
        except ProofNeeded:
            ask_for_proof(request)
        for level, sentence in said:
            self.message_user(request, sentence, level)


def _by(request: HttpRequest) -> dict[str, Any]:
    """Who acts, when, and when their session last proved that it is them."""
    return {**by(request), "proved_at": proved_at(request.session)}
