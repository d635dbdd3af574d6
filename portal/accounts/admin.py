"""The office's page of accounts. Signing in to the office is signing in to the portal."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.staff import OwnAccount, remove_second_step, set_standing
from portal.core.office import OfficePage

admin.site.index_title = "Settings and look-ups"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def password_page(*_: object, **__: object) -> HttpResponse:
    """Django's own page asks for no second step and tells nobody: there is one for everybody."""
    return redirect("account_change_password")


admin.site.password_change = password_page  # type: ignore[method-assign,assignment]
admin.site.password_change_done = password_page  # type: ignore[method-assign,assignment]


@admin.register(User)
class UserAdmin(OfficePage):
    """Accounts are opened by invitation or sign-up, never here; passwords are nobody's but their
    holder's."""

    list_display = ["email", "is_active", "is_staff", "last_login", "created_at"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email"]
    ordering = ["email"]
    fields = ["email", "is_active", "is_staff", "is_superuser", "last_login", "created_at"]
    readonly_fields = ["email", "is_superuser", "last_login", "created_at"]
    actions = ["close", "open", "take_second_step_away"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes a superuser."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        try:
            set_standing(
                obj,
                actor=_staff(request),
                at=timezone.now(),
                is_active=obj.is_active,
                is_staff=obj.is_staff,
            )
        except OwnAccount as error:
            self.refuse(request, str(error))

    @admin.action(description="Close these accounts", permissions=["change"])
    def close(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in self._allowed(request, users):
            self._set(request, user, is_active=False, is_staff=user.is_staff)

    @admin.action(description="Open these accounts again", permissions=["change"])
    def open(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in self._allowed(request, users):
            self._set(request, user, is_active=True, is_staff=user.is_staff)

    @admin.action(
        description="Take the second step away (phone and codes lost)", permissions=["change"]
    )
    def take_second_step_away(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in self._allowed(request, users):
            if remove_second_step(user, actor=_staff(request), at=timezone.now()):
                self.message_user(request, f"{user}: the second step is taken away.")
            else:
                self.message_user(request, f"{user} has no second step.", messages.WARNING)

    def _allowed(self, request: HttpRequest, users: QuerySet[User]) -> list[User]:
        return [user for user in users if self.has_change_permission(request, user)]

    def _set(self, request: HttpRequest, user: User, **standing: bool) -> None:
        try:
            set_standing(user, actor=_staff(request), at=timezone.now(), **standing)
        except OwnAccount as error:
            self.message_user(request, str(error), messages.ERROR)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin lets nobody else in
    return request.user
