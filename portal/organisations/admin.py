"""Organisations in the office: their list, their types, and who is verified to work there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from portal.core.office.pages import OfficePage, by, changed_in
from portal.core.office.settings_pages import RecordedPage
from portal.organisations.editing_affiliations import correct_affiliation, enter_affiliation
from portal.organisations.models import (
    Affiliation,
    AffiliationQuerySet,
    Organisation,
    OrganisationType,
    RoleType,
)
from portal.organisations.organisation_names import NameTaken, free_name, keep_organisation
from portal.organisations.verifying_affiliations import take_back, verify


@admin.register(OrganisationType, RoleType)
class ChoiceAdmin(RecordedPage):
    list_display = ["name", "position"]
    list_editable = ["position"]
    search_fields = ["name"]


class OrganisationForm(forms.ModelForm):
    class Meta:
        model = Organisation
        fields = ["name", "type"]

    def clean_name(self) -> str:
        try:
            return free_name(self.cleaned_data["name"], of=self.instance)
        except NameTaken as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Organisation)
class OrganisationAdmin(OfficePage):
    form = OrganisationForm
    refusals = (NameTaken,)
    list_display = ["name", "type"]
    list_select_related = ["type"]
    list_filter = ["type"]
    search_fields = ["compared_name"]

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        keep_organisation(obj, **by(request))


class IsVerified(admin.SimpleListFilter):
    title = "verified"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Verified by the office"), ("no", "Self-declared")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return queryset.verified()
        return queryset.unverified() if self.value() == "no" else queryset


@admin.register(Affiliation)
class AffiliationAdmin(OfficePage):
    """Who works where. Verified people of an organisation can see and register each other."""

    list_display = ["person", "organisation", "role_type", "start", "end", "verified"]
    list_select_related = ["person", "organisation", "role_type"]
    list_filter = [IsVerified, "organisation__type", "role_type"]
    search_fields = [
        "person__compared_name",
        "person__email",
        "organisation__compared_name",
    ]
    autocomplete_fields = ["person", "organisation"]
    readonly_fields = ["verified_at", "verified_by"]
    ordering = ["person__last_name", "person__first_name", "-start"]
    actions = ["verify", "take_back"]

    @admin.display(boolean=True, ordering="verified_at")
    def verified(self, affiliation: Affiliation) -> bool:
        return affiliation.is_verified

    def save_model(self, request: HttpRequest, obj: Affiliation, form: Any, change: bool) -> None:
        if not change:
            enter_affiliation(obj, **by(request))
        else:
            correct_affiliation(obj, **by(request), **changed_in(form))

    @admin.action(
        description="Verify: the office knows that they work there", permissions=["change"]
    )
    def verify(self, request: HttpRequest, affiliations: AffiliationQuerySet) -> None:
        count = verify(affiliations, **by(request))
        self.message_user(request, f"{count} verified.", messages.SUCCESS)

    @admin.action(description="Take back the verification", permissions=["change"])
    def take_back(self, request: HttpRequest, affiliations: AffiliationQuerySet) -> None:
        count = take_back(affiliations, **by(request))
        self.message_user(request, f"{count} taken back.", messages.SUCCESS)
