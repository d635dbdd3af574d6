"""Events in the office: rules and taxes to edit, events with their options, orders to look up.

A change of what somebody relies on already is refused in words (fixed_once_booked.py). An option
that has a hold or a registration cannot be deleted.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from portal.core.office.lists import is_key
from portal.core.office.pages import DatedPage, OfficeInline, OfficePage, ReadOnly
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.events.changing_events import NotPostponed, facts, postpone, revise, revise_sessions
from portal.events.fixed_once_booked import (
    FIXED,
    WHEN_BOOKED,
    covers_refusal,
    event_refusals,
    option_refusals,
    pool_refusal,
)
from portal.events.importing_events.rows import EVENT_COLUMNS
from portal.events.models import (
    BookingRules,
    Event,
    EventTax,
    Order,
    Pool,
    Registration,
    RegistrationOption,
    Session,
)
from portal.events.scheduling import follow_sessions


@admin.register(BookingRules)
class BookingRulesAdmin(DatedPage):
    list_display = ["valid_from", "hold_minutes", "hold_limit_minutes"]


@admin.register(EventTax)
class EventTaxAdmin(DatedPage):
    list_display = ["kind", "tax_code", "valid_from"]
    list_filter = ["kind"]
    ordering = ["kind", "-valid_from"]


class EventForm(forms.ModelForm):
    """An event. Its times stay once somebody relies on them, unless it is said to be postponed."""

    postpones = forms.BooleanField(
        required=False,
        label="This postpones the event",
        help_text=(
            "Tick this to move an event that people have booked. We email everybody who is "
            "registered."
        ),
    )
    words = forms.CharField(
        required=False,
        max_length=2000,
        label="Your message to people who are registered",
        help_text="Such as why. It goes in the email, above the new times.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        wanted = {name: cleaned[name] for name in FIXED if name in cleaned}
        if cleaned.get("postpones"):
            wanted = {name: value for name, value in wanted.items() if name == "kind"}
        if self.instance.pk and set(FIXED) & set(self.changed_data):
            saved = Event.objects.get(pk=self.instance.pk)
            options = saved.options.with_taken(timezone.now())
            for name, sentence in event_refusals(saved, options, wanted):
                self.add_error(name, f"{sentence}.")
        return cleaned


class OptionForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        relied_on = {"price", "places", "sessions", "choose", "pool"}
        if not self.instance.pk or not relied_on & set(self.changed_data):
            return cleaned
        saved = RegistrationOption.objects.with_taken(timezone.now()).get(pk=self.instance.pk)
        wanted = {name: cleaned.get(name) for name in ("price", "places")}
        for name, sentence in option_refusals(saved, **wanted):
            self.add_error(name, f"{sentence}.")
        pool = cleaned.get("pool")
        if pool is not None and pool.pk != saved.pool_id:
            sharing = [*pool.options.with_taken(timezone.now()), saved]
            if refusal := pool_refusal(sharing, places=pool.places):
                self.add_error("pool", f"{refusal}.")
        covers = [session.name for session in cleaned.get("sessions") or ()]
        refusal = covers_refusal(saved, covers=covers, choose=cleaned.get("choose"))
        if refusal:
            self.add_error("sessions", f"{refusal}.")
        return cleaned


class SessionForm(forms.ModelForm):
    """A session with a name; its times stay once somebody relies on them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        changes = {"name", "starts", "ends"} & set(self.changed_data)
        # By its key: a form made by hand may name no event at all.
        if changes and _is_taken(self.instance.event_id):
            self.add_error(None, f"The sessions cannot be changed {WHEN_BOOKED}.")
        return cleaned


def _is_taken(event: int | None) -> bool:
    """Whether somebody has a place at the event of this key; a new one has none."""
    options = RegistrationOption.objects.filter(event=event).with_taken(timezone.now())
    return any(option.taken for option in options)


class PoolForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk and "places" in cleaned:
            options = self.instance.options.with_taken(timezone.now())
            if refusal := pool_refusal(options, places=cleaned["places"] or 0):
                self.add_error("places", f"{refusal}.")
        return cleaned


class PoolInline(OfficeInline):
    model = Pool
    form = PoolForm
    fields = [("name", "places")]


class SessionInline(OfficeInline):
    """The sessions that have names; an event of one session has none."""

    model = Session
    form = SessionForm
    fields = ["name", ("starts", "ends"), ("place", "cpd_points")]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(name="")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while somebody relies on them."""
        is_taken = obj is not None and _is_taken(obj.pk)
        return super().has_delete_permission(request, obj) and not is_taken


def _event_of(request: HttpRequest) -> int | None:
    """The key of the event whose page this is; None where it is a new one."""
    match = request.resolver_match
    key = match.kwargs.get("object_id", "") if match else ""
    return int(key) if is_key(key) else None


class OptionInline(OfficeInline):
    model = RegistrationOption
    form = OptionForm
    fields = [
        ("position", "name"),
        ("price", "audience"),
        ("places", "taken", "pool"),
        ("sessions", "choose"),
    ]
    readonly_fields = ["taken"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return RegistrationOption.objects.with_taken(timezone.now())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """Only the pools of this event."""
        if db_field.name == "pool":
            named["queryset"] = Pool.objects.filter(event=_event_of(request))
        return super().formfield_for_foreignkey(db_field, request, **named)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """Only the sessions of this event."""
        sessions = Session.objects.filter(event=_event_of(request))
        named.update(queryset=sessions.exclude(name=""), widget=forms.CheckboxSelectMultiple)
        return super().formfield_for_manytomany(db_field, request, **named)

    @admin.display(description="taken")
    def taken(self, option: RegistrationOption) -> int:
        return getattr(option, "taken", 0)


@admin.register(Event)
class EventAdmin(OfficePage):
    form = EventForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    inlines = [SessionInline, PoolInline, OptionInline]
    list_display = ["title", "code", "kind", "starts", "place"]
    list_filter = ["kind"]
    search_fields = ["compared_words", "code"]
    ordering = ["-starts", "-pk"]
    date_hierarchy = "starts"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The code is the event’s address and stays."""
        return ["code"] if obj else []

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Lock the event while it is changed, so that nobody books between check and change."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            return next(iter(lock(Event.objects.filter(pk=found.pk))), None)
        return found

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only what is there already can be postponed."""
        fields = ["code", *EVENT_COLUMNS]
        return [*fields, "postpones", "words"] if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        at, answers = timezone.now(), form.cleaned_data
        if not change:
            super().save_model(request, obj, form, change)
        elif not answers.get("postpones"):
            revise(obj, at=at)
        else:
            try:
                postpone(obj, words=answers["words"], actor=request.user, at=at)
            except NotPostponed as refusal:
                self.refuse(request, f"{refusal}. Nothing was saved.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """One entry in the history for the event with its options."""
        if getattr(request, "is_refused", False):
            return
        before = facts(form.instance)
        super().save_related(request, form, formsets, change)
        options = next(formset for formset in formsets if formset.model is RegistrationOption)
        follow_sessions(form.instance)
        if change:
            revise_sessions(form.instance, before, at=timezone.now())
        changed = [
            (f"{option}, {option.price}", names) for option, names in options.changed_objects
        ]
        record(
            "changed in the office" if change else "added in the office",
            form.instance,
            actor=request.user,
            at=timezone.now(),
            fields=form.changed_data,
            options_added=[f"{option}, {option.price}" for option in options.new_objects],
            options_changed=changed,
            options_deleted=[str(option) for option in options.deleted_objects],
        )


class RegistrationInline(ReadOnly, admin.StackedInline):
    model = Registration
    fields = [
        "attendee",
        "event",
        "option",
        "net",
        "special_requirements",
        "agreed_terms",
        "declaration",
        ("cancelled_at", "cancelled_by"),
        "cancelled_because",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("attendee", "event", "option__event")


@admin.register(Order)
class OrderAdmin(ReadOnly, OfficePage):
    list_display = ["number", "placed_at", "booked_by", "invoice"]
    list_select_related = ["booked_by", "invoice"]
    search_fields = ["booked_by__compared_name", "booked_by__email", "invoice__number"]
    date_hierarchy = "placed_at"
    fields = ["number", "placed_at", "booked_by", "invoice"]
    inlines = [RegistrationInline]


@admin.register(Registration)
class RegistrationAdmin(ReadOnly, OfficePage):
    list_display = ["attendee", "event", "option", "order", "registered_at", "cancelled_at"]
    list_select_related = ["attendee", "event", "option__event", "order"]
    list_filter = ["event__kind", ("cancelled_at", admin.EmptyFieldListFilter)]
    search_fields = [
        "attendee__compared_name",
        "attendee__email",
        "event__compared_words",
        "event__code",
    ]
    date_hierarchy = "registered_at"
