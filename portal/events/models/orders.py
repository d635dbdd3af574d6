"""Baskets with the places they hold; orders with their registrations."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.billing.models import Invoice, InvoiceLine
from portal.core.dates import on_day, short_date
from portal.core.money import MoneyField
from portal.events import subqueries
from portal.events.models.programme import Event, RegistrationOption
from portal.events.models.sessions import Session
from portal.people.models import Person


class BasketQuerySet(models.QuerySet["Basket"]):
    def open(self) -> Self:
        """Not yet ordered, held or expired."""
        return self.filter(closed_at=None)


class Basket(models.Model):
    """What a person is about to order: one open basket each, one expiry for all of it.

    See holding_places.py. It is closed by the order it becomes.
    """

    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="baskets")
    created_at = models.DateTimeField(default=timezone.now)
    held_since = models.DateTimeField(help_text="When the first of the places now held was held.")
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it was ordered.")

    objects = BasketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(closed_at=None), name="one_open_basket"
            )
        ]

    def __str__(self) -> str:
        return f"Basket of {self.owner}"

    def is_held(self, at: datetime) -> bool:
        return self.expires_at > at


class HoldQuerySet(models.QuerySet["Hold"]):
    def live(self, at: datetime) -> Self:
        """Those that keep a place from others now."""
        return self.filter(basket__expires_at__gt=at, lost_at=None)

    def with_answers(self, on: date) -> Self:
        """With what is asked of each line of a basket: `tax_code` on a day, `is_registered`, and
        `covers_part` of its option.
        """
        named = RegistrationOption.sessions.through.objects.filter(
            registrationoption=OuterRef("option")
        )
        return self.annotate(
            covers_part=Exists(named),
            tax_code=subqueries.tax_code("event__kind", on),
            is_registered=subqueries.has_registration("attendee", "event"),
        )


class Responses(models.Model):
    """What was answered when registering, with the wording that was agreed to."""

    attendee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="%(class)ss")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="%(class)ss")
    option = models.ForeignKey(
        RegistrationOption, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    special_requirements = models.TextField(max_length=1000, blank=True)
    agreed_terms = models.TextField(help_text="The booking terms agreed to, as shown.")
    declaration = models.TextField(
        blank=True, help_text="The declaration made for a funded place, as shown."
    )

    is_partial = models.BooleanField(
        default=False, help_text="Takes part in some of the sessions only."
    )

    # Put there by attending.py.
    attends: tuple[Session, ...] = ()

    class Meta:
        abstract = True

    @property
    def begins(self) -> datetime:
        """When the attendee’s part of it begins (after `load_sessions`)."""
        return self.attends[0].starts if self.attends else self.event.starts

    @property
    def when(self) -> str:
        """When the attendee takes part (after `load_sessions`)."""
        if self.attends:
            words = "; ".join(session.when for session in self.attends)
            return f"{words} (UK time)" if self.event.is_online else words
        return self.event.when


class Hold(Responses):
    """A place kept for an attendee while their order is not yet submitted."""

    # Put there by `with_answers`.
    tax_code: str | None
    is_registered: bool
    covers_part: bool

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="holds")
    saved_at = models.DateTimeField(default=timezone.now)
    session_keys = models.JSONField(
        default=list, help_text="The keys of the sessions, where it is not the whole event."
    )
    lost_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the place was found taken by somebody else, after the hold had expired.",
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["saved_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendee", "event"], name="one_hold_per_attendee_and_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attendee} for {self.event}"

    def is_live(self, at: datetime) -> bool:
        """It keeps its place from others now."""
        return self.lost_at is None and self.basket.is_held(at)


def order_number(key: int | None) -> str:
    """“ORD-000123” of the key of an order; empty for None."""
    return "" if key is None else f"ORD-{key:06d}"


class OrderQuerySet(models.QuerySet["Order"]):
    def for_person(self, person: Person) -> Self:
        return self.filter(booked_by=person)

    def numbered(self, number: str) -> Self:
        """The order of a number such as ORD-000123; none for anything else."""
        match = re.fullmatch(r"ORD-(\d{6}|[1-9]\d{6,17})", number, re.ASCII)
        return self.filter(pk=int(match[1])) if match else self.none()


class Order(models.Model):
    """What was ordered at once. A basket becomes at most one order."""

    basket = models.OneToOneField(Basket, on_delete=models.PROTECT)
    booked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders")
    placed_at = models.DateTimeField()
    invoice = models.OneToOneField(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """ORD-000123: what the order is called on pages and in mails, and its address."""
        return order_number(self.pk)


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def taking_a_place(self) -> Self:
        """Those that have not ended. Every count, and every page of what is booked, asks this."""
        return self.filter(cancelled_at=None)

    def for_attendee(self, person: Person) -> Self:
        return self.filter(attendee=person)

    def seen_by(self, person: Person) -> Self:
        """Of who attends, and of whoever booked it."""
        return self.filter(Q(attendee=person) | Q(order__booked_by=person))

    def upcoming(self, at: datetime) -> Self:
        return self.filter(event__ends__gt=at).order_by("event__starts")


def new_calendar_uid() -> str:
    return str(uuid4())


class Registration(Responses):
    """An attendee's place. Whether it is paid follows from its invoice line's invoice."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="registrations")
    invoice_line = models.OneToOneField(
        InvoiceLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sessions = models.ManyToManyField(
        Session, blank=True, related_name="+", help_text="Where it is not the whole event."
    )
    net = MoneyField("net price when booked")
    registered_at = models.DateTimeField()
    calendar_uid = models.CharField(
        max_length=255,
        default=new_calendar_uid,
        editable=False,
        help_text="What calendars know it by. It never changes, even if the portal’s address does.",
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(
        max_length=200, blank=True, help_text="Who cancelled it, as the history names them."
    )
    cancelled_because = models.CharField("why it was cancelled", max_length=500, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attendee", "event"],
                condition=Q(cancelled_at=None),
                name="one_registration_per_attendee_and_event",
            ),
            models.UniqueConstraint(fields=["calendar_uid"], name="one_calendar_entry"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by="", cancelled_because="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_by="") & ~Q(cancelled_because="")),
                name="cancelled_when_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attendee} for {self.event}"

    @property
    def cancelled_in_words(self) -> str:
        """“On 3 May 2027: you asked us to.”; empty where it is not cancelled."""
        if self.cancelled_at is None:
            return ""
        return f"On {short_date(on_day(self.cancelled_at))}: {self.cancelled_because}"
