"""Events in the office: rules and taxes to edit, events with their options, orders to look up.

What is changed is refused or done by an act (editing_events.py). An option that has a hold or a
registration cannot be deleted.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.timezone import now

from portal.core.office.lists import is_key
from portal.core.office.pages import OfficeInline, OfficePage, ReadOnly, by, changed_in
from portal.core.office.settings_pages import DatedPage
from portal.events.changing_events import NotPostponed
from portal.events.editing_events import (
    EventRefused,
    EventRows,
    Refused,
    Written,
    add_event,
    change_event,
    is_taken,
    refused_of_event,
    refused_of_option,
    refused_of_pool,
    refused_of_session,
)
from portal.events.importing_events.columns import EVENT_COLUMNS
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
        wanted = {name: cleaned[name] for name in self.changed_data if name in cleaned}
        if self.instance.pk:
            postpones = bool(cleaned.get("postpones"))
            if cleaned.get("words") and not postpones:
                self.add_error(
                    "postpones",
                    "Your message is sent only with a postponement. Tick this, or leave the "
                    "message empty.",
                )
            _refuse(self, refused_of_event(self.instance, wanted, postpones=postpones, at=now()))
        return cleaned


class RowForm(forms.ModelForm):
    """A row of an event: what the act would refuse stands beside its field."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        wanted = {name: cleaned[name] for name in self.changed_data if name in cleaned}
        _refuse(self, self.refused(wanted))
        return cleaned

    def refused(self, wanted: dict[str, Any]) -> Refused:
        raise NotImplementedError


def _refuse(form: Any, refused: Refused) -> None:
    for name, sentence in refused:
        form.add_error(name or None, f"{sentence}.")


class OptionForm(RowForm):
    def refused(self, wanted: dict[str, Any]) -> Refused:
        return refused_of_option(self.instance, wanted, at=now())


class SessionForm(RowForm):
    """A session with a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def refused(self, wanted: dict[str, Any]) -> Refused:
        # By its key: a form made by hand may name no event at all.
        event = Event(pk=self.instance.event_id)
        return refused_of_session(event, wanted, at=now())


class PoolForm(RowForm):
    def refused(self, wanted: dict[str, Any]) -> Refused:
        return refused_of_pool(self.instance, wanted, at=now())


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
        relied_on = obj is not None and is_taken(obj, at=now())
        return super().has_delete_permission(request, obj) and not relied_on


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
        return RegistrationOption.objects.with_taken(now())

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
    refusals = (EventRefused, NotPostponed)
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only what is there already can be postponed."""
        fields = ["code", *EVENT_COLUMNS]
        return [*fields, "postpones", "words"] if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The act keeps the event together with its rows."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        rows = {formset.model: _rows(formset) for formset in formsets}
        given: dict[str, Any] = {
            "sessions": rows[Session],
            "pools": rows[Pool],
            "options": rows[RegistrationOption],
            **by(request),
        }
        if not change:
            add_event(form.instance, **given)
            return
        said = {name: form.cleaned_data[name] for name in ("postpones", "words")}
        change_event(form.instance, changes=changed_in(form), **said, **given)


def _rows(formset: Any) -> EventRows:
    """What was typed of the sessions, pools or options of an event."""
    formset.save(commit=False)  # writes nothing: it finds what is to go
    typed = [
        Written(form.instance, {name: form.cleaned_data[name] for name in form.changed_data})
        for form in formset.forms
        if form.has_changed() and form not in formset.deleted_forms
    ]
    return EventRows(
        new=[each for each in typed if each.row.pk is None],
        changed=[each for each in typed if each.row.pk is not None],
        removed=formset.deleted_objects,
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
