"""Events in the office: rules and taxes to edit, events with their options, orders to look up.

What somebody relies on already is refused in words, as the import does: once a place is taken, the
dates and the kind of an event stay, and so does the price of that option. (The admin itself
refuses to delete an option that has a hold or a registration.)
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from portal.billing.admin import ReadOnly
from portal.core.history import record
from portal.core.locking import lock
from portal.events.models import (
    BookingRules,
    Event,
    EventTax,
    Order,
    Registration,
    RegistrationOption,
)

WHEN_BOOKED = "once somebody has booked, or holds a place to book it"
FIXED = {
    "starts": "The start cannot be changed",
    "ends": "The end cannot be changed",
    "kind": "The kind cannot be changed, for it decides the VAT,",
}


def taken_of(option: RegistrationOption) -> int:
    """How many places of a saved option are taken now."""
    found = RegistrationOption.objects.with_taken(timezone.now()).get(pk=option.pk)
    return found.taken


@admin.register(BookingRules)
class BookingRulesAdmin(admin.ModelAdmin):
    list_display = ["valid_from", "hold_minutes", "hold_limit_minutes"]
    ordering = ["-valid_from"]


@admin.register(EventTax)
class EventTaxAdmin(admin.ModelAdmin):
    list_display = ["kind", "tax_code", "valid_from"]
    list_filter = ["kind"]
    ordering = ["kind", "-valid_from"]


class EventForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        fixed = [name for name in FIXED if name in self.changed_data]
        if self.instance.pk and fixed:
            options = self.instance.options.with_taken(timezone.now())
            if any(option.taken for option in options):
                for name in fixed:
                    self.add_error(name, f"{FIXED[name]} {WHEN_BOOKED}.")
        return cleaned


class OptionForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk or not {"price", "places"} & set(self.changed_data):
            return cleaned
        taken = taken_of(self.instance)
        if taken and "price" in self.changed_data:
            self.add_error("price", f"The price cannot be changed {WHEN_BOOKED}.")
        places = cleaned.get("places")
        if places is not None and places < taken:
            self.add_error("places", f"There cannot be fewer places than are taken: {taken}.")
        return cleaned


class OptionInline(admin.TabularInline):
    model = RegistrationOption
    form = OptionForm
    fields = ["position", "name", "price", "audience", "places", "taken"]
    readonly_fields = ["taken"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return RegistrationOption.objects.with_taken(timezone.now())

    @admin.display(description="taken")
    def taken(self, option: RegistrationOption) -> int:
        return getattr(option, "taken", 0)


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    form = EventForm
    fields = [
        "code",
        "title",
        "kind",
        "starts",
        "ends",
        "place",
        "online_link",
        "overview",
        "funding_link",
        "terms",
        "cpd_category",
        "cpd_points",
    ]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    inlines = [OptionInline]
    list_display = ["title", "code", "kind", "starts", "place"]
    list_filter = ["kind"]
    search_fields = ["title", "code", "place"]
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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and set(Event.IN_CALENDARS) & set(form.changed_data):
            obj.revision += 1
        super().save_model(request, obj, form, change)
        record(
            "changed in the office" if change else "added in the office",
            obj,
            actor=request.user,
            at=timezone.now(),
            fields=form.changed_data,
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
    ]


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "placed_at", "booked_by", "invoice"]
    list_select_related = ["booked_by", "invoice"]
    search_fields = ["booked_by__last_name", "booked_by__email", "invoice__number"]
    date_hierarchy = "placed_at"
    fields = ["number", "placed_at", "booked_by", "invoice"]
    inlines = [RegistrationInline]


@admin.register(Registration)
class RegistrationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["attendee", "event", "option", "order", "registered_at"]
    list_select_related = ["attendee", "event", "option__event", "order"]
    list_filter = ["event__kind"]
    search_fields = ["attendee__last_name", "attendee__email", "event__title", "event__code"]
    date_hierarchy = "registered_at"
