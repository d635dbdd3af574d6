"""Memberships and their terms, categories, qualifications, and what was imported."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from portal.core.dates import on_day, short_date
from portal.core.rows.dated import DatedQuerySet, DatedRow
from portal.core.text.comparing import ComparedField, ComparedQuerySet, ComparedRow, as_number
from portal.people.models import LONGEST_NAME, Person


class MembershipCategory(models.Model):
    """Such as Associate or Accredited. The office, not the member, decides it."""

    name = models.CharField(max_length=60, unique=True)
    post_nominals = models.CharField(max_length=30, blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    is_for_life = models.BooleanField(
        "for life",
        default=False,
        help_text="Such as honorary members. They have no renewal date, because they never renew.",
    )

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "membership categories"

    def __str__(self) -> str:
        return self.name


class MembershipRules(DatedRow):
    """How long a membership is still honoured after its term."""

    grace_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(365, "Give at most a year: 365 days.")],
        help_text="How many days after the last day of a term member prices still apply.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "membership rules"
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_membership_rules_a_day")
        ]

    def __str__(self) -> str:
        return f"Rules from {short_date(self.valid_from)}"


class Membership(ComparedRow):
    """A person's membership. Whether it is current follows from its terms: see standing.py.

    Its number is shown as it was entered; it is the same whatever its capitals and spaces.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT)
    number = models.CharField("membership number", max_length=20)
    compared_number = ComparedField(source="number", form=as_number, unique=True)
    member_since = models.DateField(null=True, blank=True)

    objects = ComparedQuerySet["Membership"].as_manager()

    def __str__(self) -> str:
        return f"{self.number} {self.person}"


class TermQuerySet(models.QuerySet["MembershipTerm"]):
    def running(self, on: date) -> Self:
        return self.filter(Q(end=None) | Q(end__gte=on), start__lte=on)


class MembershipTerm(models.Model):
    """A stretch of membership in one category, both days included. Terms never overlap.

    Without an end it is for life.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="terms")
    category = models.ForeignKey(MembershipCategory, on_delete=models.PROTECT, related_name="+")
    start = models.DateField()
    end = models.DateField(null=True, blank=True, help_text="Leave it empty for a life member.")

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gte=F("start")),
                name="term_ends_after_start",
                violation_error_message="The term must not end before it starts.",
            ),
            models.UniqueConstraint(fields=["membership", "start"], name="one_term_from_a_day"),
        ]

    def __str__(self) -> str:
        until = f"to {self.end}" if self.end else "for life"
        return f"{self.category}, {self.start} {until}"


class Qualification(models.Model):
    """A qualification that a person holds, such as CertMAP."""

    CERTMAP = "CertMAP"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="qualifications")
    name = models.CharField(max_length=60)
    awarded_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="one_qualification_of_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.awarded_on}"


class ImportedPerson(models.Model):
    """The cells of a person's row when it was last imported: only what differs is written."""

    key = models.CharField(max_length=254, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    cells = models.JSONField()
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class UsernameRequest(models.Model):
    """What somebody typed who has forgotten their username, until it has been looked up."""

    number = models.CharField("membership number", max_length=20, blank=True)
    first_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    last_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Asked on {short_date(on_day(self.asked_at))}"
