"""Events and the ways to register for them; baskets, orders and registrations."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal.billing.models import Invoice, InvoiceLine, TaxCode
from portal.core.dated import DatedQuerySet, DatedRow
from portal.core.money import MoneyField
from portal.events import subqueries
from portal.people.models import Person


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
        default=30, help_text="A basket's places are held this long after the last addition."
    )
    hold_limit_minutes = models.PositiveSmallIntegerField(
        default=120, help_text="However often places are added, they are held no longer than this."
    )
    funded_declaration = models.TextField(
        help_text="What a person declares who takes a funded place. Kept with the registration."
    )
    terms = models.TextField(
        "booking terms", help_text="In Markdown, for events that have no terms of their own."
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "booking rules"

    def __str__(self) -> str:
        return f"Rules from {self.valid_from}"


class EventTax(DatedRow):
    """How the places of a kind of event are taxed, from a day on."""

    kind = models.CharField(max_length=12, choices=Kind)
    tax_code = models.CharField(max_length=2, choices=TaxCode)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "event taxes"
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="one_event_tax_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_tax_code_display()} from {self.valid_from}"


class EventQuerySet(models.QuerySet["Event"]):
    def upcoming(self, at: datetime) -> Self:
        """Not over yet, soonest first."""
        return self.filter(ends__gt=at).order_by("starts", "pk")

    def with_places(self, at: datetime) -> Self:
        """Those that have not begun and have a place left in one of their options."""
        free = RegistrationOption.objects.filter(event=OuterRef("pk")).with_taken(at).free()
        return self.filter(Exists(free), starts__gt=at)

    def with_tax(self, on: date) -> Self:
        """With `tax_code`, how their kind is taxed on a day; None where nobody has said."""
        return self.annotate(tax_code=subqueries.tax_code("kind", on))

    def with_terms(self, on: date) -> Self:
        """With `usual_terms`, the booking terms for events that have none of their own."""
        return self.annotate(usual_terms=subqueries.usual_terms(on))

    def with_part_of(self, person: Person | None) -> Self:
        """With `my_registration` and `my_hold`: the person's own, by their keys."""
        key = person.pk if person else None
        return self.annotate(
            my_registration=subqueries.registration_of(key), my_hold=subqueries.hold_of(key)
        )


class Event(models.Model):
    """A training course, a webinar or the conference. Times are shown as Europe/London."""

    # What a calendar shows of an event: a change of one of these raises `revision`.
    IN_CALENDARS = ("title", "starts", "ends", "place", "online_link")

    # Put there by the querysets above.
    tax_code: str | None
    usual_terms: str | None
    my_registration: int | None
    my_hold: int | None

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True, help_text="Empty: online only.")
    online_link = models.URLField(
        "joining link", max_length=500, blank=True, help_text="Shown only to who is registered."
    )
    overview = models.TextField(blank=True, help_text="In Markdown.")
    funding_link = models.URLField(max_length=500, blank=True)
    terms = models.TextField(
        "booking terms", blank=True, help_text="In Markdown. Empty: the usual booking terms."
    )
    cpd_category = models.CharField("CPD category", max_length=80, blank=True)
    cpd_points = models.DecimalField(
        "CPD points", max_digits=5, decimal_places=2, null=True, blank=True
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Tells calendars which copy of the event is the newer."
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="event_ends_after_start")
        ]
        indexes = [models.Index(fields=["ends"], name="event_ends")]

    def __str__(self) -> str:
        return self.title

    def has_begun(self, at: datetime) -> bool:
        return self.starts <= at

    @property
    def is_online(self) -> bool:
        return not self.place

    @property
    def terms_in_force(self) -> str:
        """The booking terms, in Markdown: its own, else the usual ones (`with_terms`)."""
        return self.terms or self.usual_terms or ""


class RegistrationOptionQuerySet(models.QuerySet["RegistrationOption"]):
    def with_taken(self, at: datetime, *, besides: Basket | None = None) -> Self:
        """With `taken`: places registered or held now, without those of the basket `besides`."""
        held = subqueries.places_held(at, besides.pk if besides else 0)
        return self.annotate(taken=subqueries.places_registered() + held)

    def free(self) -> Self:
        """Those with a place left. After `with_taken`."""
        return self.filter(Q(places=None) | Q(taken__lt=F("places")))


class RegistrationOption(models.Model):
    """One way to take part, with its net price in pence and its number of places."""

    taken: int  # put there by `with_taken`

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=120)
    price = MoneyField("net price")
    audience = models.CharField(max_length=12, choices=Audience)
    places = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    position = models.PositiveSmallIntegerField(default=0)

    objects = RegistrationOptionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="one_option_of_a_name"),
            models.CheckConstraint(condition=Q(price__gte=0), name="price_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.event})"

    @property
    def left(self) -> int | None:
        """Places left (after `with_taken`), None for no limit."""
        return None if self.places is None else max(0, self.places - self.taken)

    @property
    def is_funded(self) -> bool:
        """Somebody else pays, so the attendee declares to be eligible."""
        return self.audience == Audience.FUNDED


class BasketQuerySet(models.QuerySet["Basket"]):
    def open(self) -> Self:
        """Not yet ordered, held or expired."""
        return self.filter(closed_at=None)


class Basket(models.Model):
    """What a person is about to order: one open basket each, one expiry for all of it.

    See holding.py. It is closed by the order it becomes.
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

    def with_all(self, on: date) -> Self:
        """With what a line of the basket shows; `tax_code` and `is_registered` besides."""
        return self.select_related("attendee", "event", "option").annotate(
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

    class Meta:
        abstract = True


class Hold(Responses):
    """A place kept for an attendee while their order is not yet submitted."""

    # Put there by `with_all`.
    tax_code: str | None
    is_registered: bool

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="holds")
    saved_at = models.DateTimeField(default=timezone.now)
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
        return f"ORD-{self.pk:06d}"


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def for_attendee(self, person: Person) -> Self:
        return self.filter(attendee=person)

    def seen_by(self, person: Person) -> Self:
        """Of who attends, and of who booked it."""
        return self.filter(Q(attendee=person) | Q(order__booked_by=person))

    def upcoming(self, at: datetime) -> Self:
        return self.filter(event__ends__gt=at).order_by("event__starts")

    def previous(self, at: datetime) -> Self:
        return self.filter(event__ends__lte=at).order_by("-event__starts")


class Registration(Responses):
    """An attendee's place. Whether it is paid follows from its invoice line's invoice."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="registrations")
    invoice_line = models.OneToOneField(
        InvoiceLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    net = MoneyField("net price when booked")
    registered_at = models.DateTimeField()

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attendee", "event"], name="one_registration_per_attendee_and_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attendee} for {self.event}"
