"""Memberships in the office: categories, rules, terms and qualifications."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from portal.core.dates import short_date, today
from portal.core.history import record
from portal.core.office import OfficeInline, OfficePage
from portal.membership.models import (
    Membership,
    MembershipCategory,
    MembershipRules,
    MembershipTerm,
    Qualification,
)
from portal.membership.standing import standing


@admin.register(MembershipCategory)
class MembershipCategoryAdmin(OfficePage):
    list_display = ["name", "post_nominals", "position"]
    list_editable = ["position"]


@admin.register(MembershipRules)
class MembershipRulesAdmin(OfficePage):
    list_display = ["valid_from", "grace_days"]
    ordering = ["-valid_from"]


class TermsFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Terms never overlap."""
        super().clean()
        terms = sorted(
            (form.cleaned_data["start"], form.cleaned_data["end"])
            for form in self.forms
            if {"start", "end"} <= form.cleaned_data.keys() and not form.cleaned_data.get("DELETE")
        )
        for (_, end), (start, _) in pairwise(terms):
            if start <= end:
                raise forms.ValidationError(
                    f"Two terms overlap: one ends on {short_date(end)}, the next begins on "
                    f"{short_date(start)}. Let the next begin the day after."
                )


class TermInline(OfficeInline):
    model = MembershipTerm
    formset = TermsFormSet
    fields = ["category", ("start", "end")]
    ordering = ["-start"]


@admin.register(Membership)
class MembershipAdmin(OfficePage):
    list_display = ["number", "person", "member_since"]
    list_select_related = ["person"]
    list_filter = ["terms__category"]
    search_fields = ["number", "person__first_name", "person__last_name", "person__email"]
    autocomplete_fields = ["person"]
    readonly_fields = ["standing"]
    inlines = [TermInline]

    @admin.display(description="today")
    def standing(self, membership: Membership) -> str:
        found = standing(membership.person, today())
        if found.expires_on is None:
            return "No term has begun"
        word = "In grace, ended" if found.in_grace else "Current until"
        if not found.is_current:
            word = "Lapsed, ended"
        return f"{found.category}: {word} {short_date(found.expires_on)}"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """One entry in the history for the membership with its terms."""
        super().save_related(request, form, formsets, change)
        terms = [str(term) for term in form.instance.terms.select_related("category")]
        record(
            "membership changed" if change else "membership added",
            form.instance,
            actor=request.user,
            at=timezone.now(),
            fields=list(form.changed_data),
            terms=terms,
        )


@admin.register(Qualification)
class QualificationAdmin(OfficePage):
    list_display = ["person", "name", "awarded_on"]
    list_select_related = ["person"]
    list_filter = ["name"]
    search_fields = ["person__first_name", "person__last_name", "person__email"]
    autocomplete_fields = ["person"]
