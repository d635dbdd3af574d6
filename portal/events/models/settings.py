"""Kinds and audiences, and the rows that staff change: booking rules, taxes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from portal.billing.models import TaxCode
from portal.core.dates import short_date
from portal.core.rows.dated import DatedQuerySet, DatedRow

DAY = 24 * 60  # minutes
_AT_MOST_A_DAY = MaxValueValidator(DAY, "Hold places for at most a day: 1440 minutes.")


class Kind(models.TextChoices):
    TRAINING = "training", "Training course"
    WEBINAR = "webinar", "Webinar"
    CONFERENCE = "conference", "Conference"


class Audience(models.TextChoices):
    MEMBER = "member", "Members"
    NON_MEMBER = "non-member", "Non-members"
    FUNDED = "funded", "Eligible for a funded place"
    ANYONE = "anyone", "Anyone"


class BookingRules(DatedRow):
    """How long places are held, and the words of the declaration for funded places."""

    hold_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[_AT_MOST_A_DAY],
        help_text="How long a basket’s places are held after the last addition.",
    )
    hold_limit_minutes = models.PositiveSmallIntegerField(
        default=120,
        validators=[_AT_MOST_A_DAY],
        help_text="Places are never held longer than this, however often more are added.",
    )
    forget_days = models.PositiveSmallIntegerField(
        "days until what was not ordered is deleted",
        default=14,
        validators=[MaxValueValidator(365, "Keep it for at most a year: 365 days.")],
        help_text=(
            "How many days we keep what was saved but never ordered, including special "
            "requirements, after the places were held."
        ),
    )
    forget_requirements_days = models.PositiveSmallIntegerField(
        "days until special requirements are deleted",
        default=30,
        validators=[MaxValueValidator(365, "Keep them for at most a year: 365 days.")],
        help_text=(
            "How many days we keep them after the end of the event. They may say something "
            "about a person’s health."
        ),
    )
    funded_declaration = models.TextField(
        help_text=(
            "What a person declares when they take a funded place. It is kept with the "
            "registration."
        )
    )
    terms = models.TextField(
        "booking terms", help_text="In Markdown. Used for events that have no terms of their own."
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "booking rules"
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_booking_rules_a_day"),
            models.CheckConstraint(
                condition=models.Q(hold_minutes__gte=1)
                & models.Q(hold_minutes__lte=models.F("hold_limit_minutes")),
                name="holds_end",
                violation_error_message="Hold places for at least a minute, and for no longer "
                "than the limit.",
            ),
        ]

    def __str__(self) -> str:
        return f"Rules from {short_date(self.valid_from)}"


class EventTax(DatedRow):
    """How the places of a kind of event are taxed, from a day on."""

    about = ("kind",)

    kind = models.CharField(max_length=12, choices=Kind)
    tax_code = models.CharField(max_length=2, choices=TaxCode)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "event taxes"
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="one_event_tax_a_day")
        ]

    def __str__(self) -> str:
        how = f"{self.get_kind_display()}: {self.get_tax_code_display()}"
        return f"{how}, from {short_date(self.valid_from)}"
