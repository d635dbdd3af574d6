"""The accounts that can sign in. What the body knows about a person is in `people`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone

from portal.core.dates import on_day, short_date
from portal.core.models import OutgoingMail
from portal.core.text.email_address import CanonicalEmailField


class UserQuerySet(models.QuerySet["User"]):
    def with_email(self, email: str) -> Self:
        return self.filter(email=email)

    def verified(self) -> Self:
        """Those who have shown that the address is theirs."""
        shown = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return self.filter(Exists(shown))

    def unclaimed(self) -> Self:
        """Left by a sign-up whose address nobody has confirmed: they give no right to it."""
        shown = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return self.filter(~Exists(shown), is_staff=False, is_superuser=False, last_login=None)

    def administrators(self) -> Self:
        """Those who give and take the office's rights (core/office/administering.py)."""
        return self.filter(is_superuser=True, is_staff=True, is_active=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an address and a password. A person may have one."""

    class SessionsEnded(models.TextChoices):
        """Why sessions ended. Each label completes “You were signed out because”."""

        PASSWORD = "password", "your password was changed"
        SECOND_STEP = "second_step", "the second step of your account was changed"
        CLOSED = "closed", "your account was closed"
        RIGHTS = "rights", "what you can do in the portal was changed"
        NEW_WAY_IN = "new_way_in", "your account was given a new way in"

    email = CanonicalEmailField("email address", max_length=254, unique=True)
    signup_first_name = models.CharField(
        max_length=100,
        blank=True,
        help_text="As typed at sign-up. The person’s record takes it over.",
    )
    signup_last_name = models.CharField(max_length=100, blank=True)
    is_staff = models.BooleanField("works in the office", default=False)
    is_superuser = models.BooleanField(
        "administrator",
        default=False,
        help_text="Can do everything the office can, and can give and take away these rights.",
    )
    is_active = models.BooleanField(
        "open", default=True, help_text="Nobody can sign in to a closed account."
    )
    session_stamp = models.CharField(
        max_length=22,
        blank=True,
        default="",
        editable=False,
        help_text="Sessions hold it; those that hold another have ended (sessions.py).",
    )
    sessions_ended_why = models.CharField(
        max_length=11, blank=True, default="", choices=SessionsEnded, editable=False
    )
    sessions_ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_any_case",
                violation_error_message="Somebody signs in with this email address already.",
            )
        ]

    def __str__(self) -> str:
        return self.email

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is theirs. Django would make an old hash again here, which ends sessions:
        that is done at signing in alone (old_hashes.py).
        """
        return check_password(raw_password, self.password)

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


class MailRequest(models.Model):
    """Somebody asked, at a page, for a mail by which to get in: see asking_for_mail.py."""

    class Kind(models.TextChoices):
        RESET = "reset", "a link to set a new password"
        SIGN_IN = "sign_in_code", "a code to sign in"
        SIGN_UP = "sign_up_code", "a code to create an account"
        CONFIRM = (
            "confirm_code",
            "a code to confirm the address, for somebody who knows the password",
        )

    kind = models.CharField(max_length=20, choices=Kind)
    email = CanonicalEmailField(max_length=254)
    sealed_code = models.TextField(blank=True, editable=False)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Asked on {short_date(on_day(self.asked_at))}"


class MailedCode(models.Model):
    """A code that was mailed, kept as a digest until it is used or too old: see codes.py."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "signs in"
        ADDRESS = "address", "confirms the address"

    purpose = models.CharField(max_length=10, choices=Purpose)
    email = CanonicalEmailField(max_length=254)
    digest = models.CharField(max_length=64, db_index=True)
    mail = models.ForeignKey(OutgoingMail, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"Code of mail {self.mail_id}"
