"""Employers and other organisations, and who works for them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models

from portal.core.text.comparing import ComparedField, ComparedQuerySet, ComparedRow, as_organisation
from portal.people.models import Person


class Choice(models.Model):
    """A word that staff keep a list of."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class OrganisationType(Choice):
    pass


class RoleType(Choice):
    pass


class Organisation(ComparedRow):
    name = models.CharField(max_length=160)
    compared_name = ComparedField(source="name", form=as_organisation, unique=True)
    type = models.ForeignKey(
        OrganisationType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ComparedQuerySet["Organisation"].as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def running(self, on: date) -> Self:
        return self.filter(models.Q(end=None) | models.Q(end__gte=on), start__lte=on)

    def verified(self) -> Self:
        return self.exclude(verified_at=None)

    def unverified(self) -> Self:
        return self.filter(verified_at=None)


class Affiliation(models.Model):
    """A person's work: for whom, as what, from when to when.

    A self-declared one shows nobody to anybody: colleagues see each other only where staff have
    verified both.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="affiliations")
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="affiliations",
        help_text="Leave it empty if they work for no organisation.",
    )
    role_type = models.ForeignKey(
        RoleType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    no_organisation_type = models.ForeignKey(
        OrganisationType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="organisation type",
        help_text="Only if there is no organisation, such as Self-employed.",
    )
    start = models.DateField()
    end = models.DateField(
        null=True, blank=True, help_text="The last day. Leave it empty if it continues."
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=250, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(end=None),
                name="one_open_affiliation",
                violation_error_message=(
                    "This person works for another organisation now: enter when that ended first."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(end=None) | models.Q(end__gte=models.F("start")),
                name="affiliation_ends_after_start",
                violation_error_message="They cannot stop working there before they start.",
            ),
            models.CheckConstraint(
                condition=models.Q(organisation=None) | models.Q(no_organisation_type=None),
                name="type_is_the_organisations",
                violation_error_message=(
                    "Leave the type of organisation empty: it belongs to the organisation."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.organisation or 'no organisation'}"

    @property
    def organisation_type(self) -> OrganisationType | None:
        """The organisation's, or what the person is without one."""
        return self.organisation.type if self.organisation else self.no_organisation_type

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None
