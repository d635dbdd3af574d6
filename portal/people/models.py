"""Persons, how to reach them, and what they have agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from portal.core.dates import on_day, short_date
from portal.core.rows.immutable import AppendedRow
from portal.core.text.comparing import (
    ComparedField,
    ComparedQuerySet,
    ComparedRow,
    as_number,
    as_words,
)
from portal.core.text.email_address import CanonicalEmailField

LONGEST_NAME = 100  # characters of a first name, and of a last name
POSTCODE = RegexValidator(
    r"^(GIR 0AA|[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2})$",
    "Enter a full UK postcode, such as LS1 4AP",
)


class PersonQuerySet(ComparedQuerySet["Person"]):
    def with_email(self, email: str) -> Self:
        return self.filter(email=email)

    def invitable(self) -> Self:
        """Reachable by email and with no account, at an address that is nobody else's sign-in."""
        return self._without_account().filter(~models.Exists(_signs_in_with("email")))

    def at_anothers_sign_in(self) -> Self:
        """With no account, and an address that somebody else signs in with: no link would work."""
        return self._without_account().filter(models.Exists(_signs_in_with("email")))

    def uninvited(self) -> Self:
        """Those who can be invited and have not been yet at the address they have."""
        sent = Invitation.objects.filter(
            person=models.OuterRef("pk"), email=models.OuterRef("email"), replaced_at=None
        )
        return self.invitable().filter(~models.Exists(sent))

    def _without_account(self) -> Self:
        return self.exclude(email="").filter(user=None)


def _signs_in_with(field: str) -> PersonQuerySet:
    """For a query of persons: who signs in with the address in this field."""
    return PersonQuerySet(Person).filter(user__email=models.OuterRef(field))


class Person(ComparedRow):
    """A member, a customer or one of the staff. Whoever has one name only has it as last name."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    title = models.CharField(max_length=35, blank=True)
    first_name = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="Leave it empty if they have only one name."
    )
    last_name = models.CharField(max_length=LONGEST_NAME)
    compared_name = ComparedField(source=("first_name", "last_name"), form=as_words, db_index=True)
    email = CanonicalEmailField("email address", max_length=254, blank=True, db_index=True)
    purchase_order_number = models.CharField(
        max_length=40,
        blank=True,
        help_text="Shown on every open invoice that has no number of its own.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        ordering = ["last_name", "first_name", "pk"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def informal_name(self) -> str:
        """How they are spoken to: “Dear Ann”."""
        return self.first_name or self.last_name

    @property
    def formal_name(self) -> str:
        return f"{self.title} {self.full_name}".strip()

    @property
    def email_is_sign_in(self) -> bool:
        """Of who has an account the address is what they sign in with: it stays as it is."""
        return self.user_id is not None


class Phone(models.Model):
    class Kind(models.TextChoices):
        PHONE = "phone", "Phone"
        MOBILE = "mobile", "Mobile"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    kind = models.CharField(max_length=10, choices=Kind)
    number = PhoneNumberField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_phone_of_a_kind")
        ]

    def __str__(self) -> str:
        return str(self.number)


class Address(ComparedRow):
    """A postal address. At most one of a person's addresses serves each use."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    line_1 = models.CharField("address line 1", max_length=80)
    line_2 = models.CharField("address line 2", max_length=80, blank=True)
    line_3 = models.CharField("address line 3", max_length=80, blank=True)
    town = models.CharField("town or city", max_length=60)
    county = models.CharField(max_length=60, blank=True)
    postcode = models.CharField(max_length=12)
    compared_postcode = ComparedField(source="postcode", form=as_number, db_index=True)
    country = CountryField(default="GB")
    is_mailing = models.BooleanField("mailing", default=False)
    is_shipping = models.BooleanField("shipping", default=False)
    is_billing = models.BooleanField("billing", default=False)

    objects = ComparedQuerySet["Address"].as_manager()

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(**{f"is_{use}": True}),
                name=f"one_{use}_address",
                violation_error_message=(
                    f"This person has a {use} address already. Untick it there first."
                ),
            )
            for use in ("mailing", "shipping", "billing")
        ]

    def __str__(self) -> str:
        return ", ".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The address as written on an envelope, without empty lines."""
        country = "" if self.country.code == "GB" else str(self.country.name)
        parts = [self.line_1, self.line_2, self.line_3, self.town, self.county, self.postcode]
        return [part for part in [*parts, country] if part]

    @property
    def uses(self) -> list[str]:
        named = {
            "Mailing": self.is_mailing,
            "Shipping": self.is_shipping,
            "Billing": self.is_billing,
        }
        return [name for name, serves in named.items() if serves]


class Purpose(models.TextChoices):
    """What a person can agree to (guide, section 3)."""

    BULLETIN = "bulletin", "Bulletin email"
    SHARE_WITH_EMPLOYER = "share_with_employer", "Sharing with the employer"
    EVENT_NEWS = "event_news", "News of services and events"


class ConsentEvent(AppendedRow):
    """One giving or taking back of a consent (UK GDPR, Article 7). Never changed, only added."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=30, choices=Purpose)
    granted = models.BooleanField()
    wording = models.TextField(help_text="The exact words shown.")
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(
        max_length=120, help_text="Where it was given: a page, or a file and its line."
    )
    actor_label = models.CharField(max_length=250)

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "-at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {'given' if self.granted else 'withdrawn'}"


class Invitation(models.Model):
    """A letter of entry: one person, one address, one link, 14 days, used once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    email = CanonicalEmailField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(replaced_at=None),
                name="one_standing_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.email}"

    def opens_for(self, person: Person, at: datetime) -> bool:
        """Whether it lets its person in now. Their account, or another address, ends that."""
        is_theirs = person.user_id is None and person.email == self.email
        return is_theirs and self.used_at is None and self.expires_at > at


class InvitationRequest(models.Model):
    """Somebody whose link no longer works asked for a new one: a job answers it (inviting.py)."""

    token_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Asked on {short_date(on_day(self.asked_at))}"


class AccountClaim(models.Model):
    """A verified address that several persons share: the office decides whose account it is."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    claimed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Claim of {self.user}"
