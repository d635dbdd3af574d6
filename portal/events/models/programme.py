"""Events and the ways to register for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from portal.core.dates import period
from portal.core.money import MoneyField
from portal.core.text.comparing import ComparedField, ComparedQuerySet, ComparedRow
from portal.events import subqueries
from portal.events.models.settings import Audience, Kind
from portal.people.models import Person


class EventQuerySet(ComparedQuerySet["Event"]):
    def upcoming(self, at: datetime) -> Self:
        """Not over yet, soonest first."""
        return self.filter(ends__gt=at).order_by("starts", "pk")

    def with_places(self, at: datetime) -> Self:
        """Those that have not begun and have a place left in one of their options.

        What bookable.py decides of an event for nobody in particular, as a query of the list.
        """
        options = RegistrationOption.objects.filter(event=OuterRef("pk")).with_taken(at)
        return self.filter(Exists(options.available()), starts__gt=at)

    def with_tax(self, on: date) -> Self:
        """With `tax_code`, how their kind is taxed on a day; None where nobody has said."""
        return self.annotate(tax_code=subqueries.tax_code("kind", on))

    def taxed_as(self, codes: Collection[str]) -> Self:
        """Those whose kind has one of these tax codes. After `with_tax`."""
        return self.filter(Q(tax_code__in=codes))

    def with_terms(self, on: date) -> Self:
        """With `usual_terms`, the booking terms for events that have none of their own."""
        return self.annotate(usual_terms=subqueries.usual_terms(on))

    def with_rules(self) -> Self:
        """Those for which booking rules hold. After `with_terms`."""
        return self.filter(Q(usual_terms__isnull=False))

    def with_parts(self) -> Self:
        """With `has_parts`: its sessions have names, and stand on its page."""
        return self.annotate(has_parts=subqueries.has_parts())

    def with_part_of(self, person: Any) -> Self:
        """With `my_registration` and `my_hold`: the person's own, by their keys."""
        return self.annotate(
            my_registration=subqueries.registration_of(person), my_hold=subqueries.hold_of(person)
        )

    def with_part_of_account(self, user: Any) -> Self:
        """As `with_part_of`, of the person of an account; with `me`, their key, if there is one."""
        person = Person.objects.filter(user=user).values("pk")[:1]
        return self.annotate(me=Subquery(person)).with_part_of(OuterRef("me"))


class Event(ComparedRow):
    """A training course, a webinar or the conference. Times are shown as Europe/London."""

    # What a calendar shows of an event: a change of one of these raises `revision`.
    IN_CALENDARS = ("title", "starts", "ends", "place", "online_link")

    # Put there by the querysets above.
    tax_code: str | None
    usual_terms: str | None
    has_parts: bool
    me: int | None
    my_registration: int | None
    my_hold: int | None

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    place = models.CharField(
        max_length=200, blank=True, help_text="Leave it empty if the event is online only."
    )
    online_link = models.URLField(
        "joining link",
        max_length=500,
        blank=True,
        help_text="Shown only to people who are registered.",
    )
    overview = models.TextField(blank=True, help_text="In Markdown.")
    compared_words = ComparedField(source=("title", "place", "overview"))
    funding_link = models.URLField(max_length=500, blank=True)
    terms = models.TextField(
        "booking terms",
        blank=True,
        help_text="In Markdown. Leave it empty to use the usual booking terms.",
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
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="event_ends_after_start",
                violation_error_message="The event must end after it starts.",
            )
        ]
        indexes = [models.Index(fields=["ends"], name="event_ends")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_online(self) -> bool:
        return not self.place

    @property
    def when(self) -> str:
        """When it is, in words."""
        return in_words(self.starts, self.ends, is_online=self.is_online)

    @property
    def terms_in_force(self) -> str:
        """The booking terms, in Markdown: its own, else the usual ones (`with_terms`)."""
        return self.terms or self.usual_terms or ""


class Pool(models.Model):
    """Places that several options of an event share: “20 places, members and others”."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pools")
    name = models.CharField(max_length=80)
    places = models.PositiveIntegerField(help_text="For all options of the pool together.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="one_pool_of_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.places}"


class RegistrationOptionQuerySet(models.QuerySet["RegistrationOption"]):
    def with_taken(self, at: datetime, *, besides: int = 0) -> Self:
        """With `taken`: places registered or held now, without those of one basket (its key).

        With `left_in_pool` besides: the places left of those that it shares with other options.
        """
        return self.annotate(
            taken=subqueries.places_taken(at, besides),
            left_in_pool=subqueries.left_in_pool(at, besides),
        )

    def with_part(self) -> Self:
        """With `covers_part`: it names the sessions that it covers."""
        named = self.model.sessions.through.objects.filter(registrationoption=OuterRef("pk"))
        return self.annotate(covers_part=Exists(named))

    def available(self) -> Self:
        """Those with a place left. After `with_taken`."""
        return self.filter(
            Q(places=None) | Q(taken__lt=F("places")),
            Q(pool=None) | Q(left_in_pool__gt=0),
        )


class RegistrationOption(models.Model):
    """One way to take part, with its net price in pence and its number of places."""

    # Put there by `with_taken` and `with_part`.
    taken: int
    left_in_pool: int | None
    covers_part: bool = False

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=120)
    price = MoneyField("net price")
    audience = models.CharField(max_length=12, choices=Audience)
    places = models.PositiveIntegerField(
        null=True, blank=True, help_text="Leave it empty if there is no limit."
    )
    pool = models.ForeignKey(
        Pool,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="options",
        help_text=(
            "The pool of places it shares with other options. It can also have a limit of its own."
        ),
    )
    position = models.PositiveSmallIntegerField(default=0)
    sessions = models.ManyToManyField(
        "events.Session",
        blank=True,
        related_name="options",
        verbose_name="covers",
        help_text="The sessions it covers. Leave it empty if it covers the whole event.",
    )
    choose = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1, "Let the attendee choose one session or more.")],
        help_text=(
            "How many of these sessions the attendee chooses. Leave it empty if they attend "
            "all of them."
        ),
    )

    objects = RegistrationOptionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="one_option_of_a_name"),
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="price_is_not_negative",
                violation_error_message="The price must be £0.00 or more.",
            ),
            models.CheckConstraint(
                condition=Q(choose=None) | Q(choose__gte=1),
                name="one_chooses_at_least_one",
                violation_error_message="Let the attendee choose one session or more.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.event})"

    @property
    def left(self) -> int | None:
        """Places left (after `with_taken`), None for no limit: its own, and those of its pool."""
        return least(self.own_left, self.pool_left)

    @property
    def own_left(self) -> int | None:
        return None if self.places is None else max(0, self.places - self.taken)

    @property
    def pool_left(self) -> int | None:
        return None if self.left_in_pool is None else max(0, self.left_in_pool)

    @property
    def is_funded(self) -> bool:
        """Somebody else pays, so the attendee declares to be eligible."""
        return self.audience == Audience.FUNDED


def in_words(starts: datetime, ends: datetime, *, is_online: bool) -> str:
    """When something is. Who joins online may sit anywhere, so there the zone is named."""
    words = period(starts, ends)
    return f"{words} (UK time)" if is_online else words


def least(*left: int | None) -> int | None:
    """The least of several numbers of places left; None where none has a limit."""
    return min((number for number in left if number is not None), default=None)
