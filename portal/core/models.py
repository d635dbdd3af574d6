"""The body that runs the portal, its mail, its documents and the history of what was done."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from portal.core.body.brand import brand_version
from portal.core.body.colours import check_colour
from portal.core.dates import short_date
from portal.core.rows.dated import DatedQuerySet, DatedRow
from portal.core.rows.immutable import AppendedRow
from portal.core.text.email_address import CanonicalEmailField


class Body(models.Model):
    """The one professional body, with the switches that are not a matter of dates."""

    is_demo = models.BooleanField(
        "demo institute",
        default=False,
        editable=False,
        help_text="No mail leaves the machine, and every page says that this is the demo.",
    )
    staff_second_step = models.BooleanField(
        "staff need a second step to sign in",
        default=True,
        help_text="Staff must set up an authenticator app before they can use the office pages.",
    )
    legacy_invoices_note = models.TextField(
        "sentence on legacy invoices",
        blank=True,
        default="",
        help_text=(
            "Shown with the open invoices, such as “Invoices from before July 2022 do not "
            "appear here. …” Leave it empty to show nothing."
        ),
    )

    forget_mail_days = models.PositiveSmallIntegerField(
        "days until the words of mail are deleted",
        default=90,
        validators=[
            MinValueValidator(1),
            MaxValueValidator(3650, "Keep them for ten years at most"),
        ],
        help_text=(
            "Counted from when it was sent or given up. The record of when it was sent, and to "
            "whom, is kept."
        ),
    )

    class Meta:
        verbose_name_plural = "body"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="one_body",
                violation_error_message="There is one body only.",
            )
        ]

    def __str__(self) -> str:
        return "The body"


class BodyDetails(DatedRow):
    """What the body is called and how it is reached, from a day on."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="details", default=1)
    name = models.CharField(max_length=120, help_text="Institute of Money Advisers")
    short_name = models.CharField(max_length=30, help_text="IMA")
    legal_name = models.CharField("registered name", max_length=160)
    company_number = models.CharField(max_length=20, blank=True)
    charity_number = models.CharField(max_length=20, blank=True)
    registered_office = models.TextField(help_text="Put each line of the address on its own line.")
    office_email = CanonicalEmailField("office email address")
    office_phone = models.CharField("office phone number", max_length=30)
    website = models.URLField(blank=True)
    accent = models.CharField(
        "brand colour",
        max_length=7,
        default="#0E5A5C",
        validators=[check_colour],
        help_text=(
            "Such as #0E5A5C. It must be dark enough for white text. The portal works out the "
            "shade for dark pages."
        ),
    )
    welcome = models.TextField(
        blank=True,
        help_text="The words on the front page for visitors. Leave it empty to use the usual ones.",
    )
    sign_in_note = models.TextField(
        blank=True,
        help_text="Under the sign-in form, such as “Your Members’ Zone login is separate.”",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "body details"
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_body_details_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.name}, from {short_date(self.valid_from)}"

    @property
    def is_demo(self) -> bool:
        return self.body.is_demo

    @property
    def brand_version(self) -> str:
        """Changes whenever the brand stylesheet does, so that it can be cached for ever."""
        return brand_version(self.accent)


class Document(models.Model):
    """A document as it was sent: what to set (a typst template and its data), then the bytes.

    The row is written in the act's transaction; the bytes follow when the mail that carries it
    is sent, and are kept.
    """

    filename = models.CharField(max_length=120)
    template = models.CharField(max_length=80)
    data = models.JSONField()
    stamped_at = models.DateTimeField(
        help_text="The time printed on the document, not when it was made."
    )
    content = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.filename


class OutgoingMail(models.Model):
    """One message of the outbox. See portal/core/mail/."""

    class Priority(models.IntegerChoices):
        """Which of two messages that are due goes first: the lower number."""

        URGENT = 1, "urgent"  # somebody waits at a page for it: codes, links to get in
        USUAL = 2, "usual"  # what a person has just done: orders, invoices, changes
        BULK = 3, "bulk"  # what the office sends to many: invitations, reminders

    kind = models.CharField(max_length=60, help_text="Which message it is, such as “invoice”.")
    to = CanonicalEmailField("to", max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    sender = models.CharField(max_length=320)
    message_id = models.CharField(max_length=250, unique=True)
    calendar = models.TextField(blank=True, help_text="An iCalendar file to attach.")
    documents = models.ManyToManyField(Document, blank=True, related_name="mails")
    is_secret = models.BooleanField(
        default=False, help_text="Carries a link or code: its words are wiped once it is sent."
    )
    sealed = models.TextField(
        blank=True,
        default="",
        editable=False,
        help_text="The words of a message that carries a link or code, readable by nobody else.",
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.USUAL)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="mail_created"),
            models.Index(
                fields=["priority", "due_at"],
                name="mail_due",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class ClockMark(models.Model):
    """The latest moment at which the clock was believed. One row: machine/clock.py."""

    class State(models.TextChoices):
        STEADY = "steady"
        AHEAD = "ahead"
        BEHIND = "behind"

    at = models.DateTimeField()
    state = models.CharField(
        max_length=6,
        choices=State,
        default=State.STEADY,
        help_text="What the log has been told of the clock.",
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_clock_mark")]

    def __str__(self) -> str:
        return "The clock"


class HistoryEntry(AppendedRow):
    """Who did what to what, and when. Actor and object are kept as type, id and label.

    Never changed, only added.
    """

    at = models.DateTimeField(default=timezone.now)
    act = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=250)
    actor_type = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text=(
            "What the actor is, such as people.Person. Empty for a command, and where it was "
            "not recorded."
        ),
    )
    actor_id = models.CharField(max_length=40, blank=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(max_length=250)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "history"
        indexes = [
            models.Index(fields=["at"], name="history_at"),
            models.Index(fields=["object_type", "object_id"], name="history_object"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.object_label}"


def new_message_id() -> str:
    """A Message-ID that stays with the row, so that a repeat is known for one."""
    from urllib.parse import urlsplit

    host: Any = urlsplit(settings.PORTAL_URL).hostname
    return f"<{uuid.uuid4().hex}@{host}>"
