"""Who can sign in. What a person is to the body stands in `people`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone


def tidy_email(email: str) -> str:
    """Addresses are compared and kept in lower case."""
    return email.strip().lower()


class UserQuerySet(models.QuerySet["User"]):
    def with_email(self, email: str) -> Self:
        return self.filter(email=tidy_email(email))

    def verified(self) -> Self:
        """Those who have shown that the address is theirs."""
        shown = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return self.filter(Exists(shown))

    def unclaimed(self) -> Self:
        """Left by a sign-up whose address nobody has confirmed: they give no right to it."""
        shown = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return self.filter(~Exists(shown), is_staff=False, is_superuser=False, last_login=None)

    def administrators(self) -> Self:
        """Those who give and take the office's rights (core/administering.py)."""
        return self.filter(is_superuser=True, is_staff=True, is_active=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=tidy_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=tidy_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an address and a password. A person may have one."""

    email = models.EmailField("email address", max_length=254, unique=True)
    signup_first_name = models.CharField(
        max_length=35, blank=True, help_text="As typed at sign-up; names the person made from it."
    )
    signup_last_name = models.CharField(max_length=35, blank=True)
    is_staff = models.BooleanField("works in the office", default=False)
    is_superuser = models.BooleanField(
        "administrator",
        default=False,
        help_text="May do everything in the office: also give and take these rights, and delete.",
    )
    is_active = models.BooleanField(
        "open", default=True, help_text="A closed account lets nobody in."
    )
    session_stamp = models.CharField(
        max_length=22,
        blank=True,
        default="",
        editable=False,
        help_text="Sessions hold it; those that hold another have ended (sessions.py).",
    )
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def get_session_auth_hash(self) -> str:
        """What a session has to hold to go on (Django's hook): a new stamp ends every other."""
        return f"{super().get_session_auth_hash()}{self.session_stamp}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same by the secret keys that were replaced."""
        for by_password in super().get_session_auth_fallback_hash():
            yield f"{by_password}{self.session_stamp}"

    @property
    def signup_name(self) -> str:
        """Both names as typed at sign-up: a password is not to be like them."""
        return f"{self.signup_first_name} {self.signup_last_name}".strip()
