"""Memberships in the office: categories, rules, terms and qualifications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from portal.core.dates import short_date, today
from portal.core.office.pages import OfficeInline, OfficePage, by
from portal.core.office.settings_pages import DatedPage, RecordedPage
from portal.membership.editing_memberships import TermsRefused, check_terms, keep_membership
from portal.membership.models import (
    Membership,
    MembershipCategory,
    MembershipRules,
    MembershipTerm,
    Qualification,
)
from portal.membership.numbers import NumberTaken, free_number
from portal.membership.standing import standing


@admin.register(MembershipCategory)
class MembershipCategoryAdmin(RecordedPage):
    list_display = ["name", "post_nominals", "is_for_life", "position"]
    list_editable = ["position"]


@admin.register(MembershipRules)
class MembershipRulesAdmin(DatedPage):
    list_display = ["valid_from", "grace_days"]


class TermsFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        written = [
            form.instance
            for form in self.forms
            if form.has_changed() and form not in self.deleted_forms
        ]
        removed = [form.instance for form in self.deleted_forms]
        try:
            check_terms(self.instance, written=written, removed=removed)
        except TermsRefused as error:
            raise forms.ValidationError(str(error)) from error


class TermInline(OfficeInline):
    model = MembershipTerm
    formset = TermsFormSet
    fields = ["category", ("start", "end")]
    ordering = ["-start"]


class MembershipForm(forms.ModelForm):
    def clean_number(self) -> str:
        try:
            return free_number(self.cleaned_data["number"], of=self.instance)
        except NumberTaken as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Membership)
class MembershipAdmin(OfficePage):
    form = MembershipForm
    refusals = (TermsRefused, NumberTaken)
    list_display = ["number", "person", "member_since"]
    list_select_related = ["person"]
    list_filter = ["terms__category"]
    search_fields = ["compared_number", "person__compared_name", "person__email"]
    autocomplete_fields = ["person"]
    readonly_fields = ["standing"]
    inlines = [TermInline]

    @admin.display(description="today")
    def standing(self, membership: Membership) -> str:
        found = standing(membership.person, today())
        if found.category is None:
            return "No term has begun"
        if found.expires_on is None:
            return f"{found.category}: for life"
        word = "In grace, ended" if found.in_grace else "Current until"
        if not found.is_current:
            word = "Lapsed, ended"
        return f"{found.category}: {word} {short_date(found.expires_on)}"

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """The act keeps it together with its terms."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        (terms,) = formsets
        keep_membership(
            form.instance,
            written=terms.save(commit=False),  # writes nothing
            removed=terms.deleted_objects,
            fields=form.changed_data,
            **by(request),
        )


@admin.register(Qualification)
class QualificationAdmin(RecordedPage):
    list_display = ["person", "name", "awarded_on"]
    list_select_related = ["person"]
    list_filter = ["name"]
    search_fields = ["person__compared_name", "person__email"]
    autocomplete_fields = ["person"]
