"""Who can sign in. What a person is to the body stands in `people`."""

from __future__ import annotations

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
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    @property
    def signup_name(self) -> str:
        """Both names as typed at sign-up: a password is not to be like them."""
        return f"{self.signup_first_name} {self.signup_last_name}".strip()
