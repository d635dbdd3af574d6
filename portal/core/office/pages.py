"""What the office's pages share: every input has a name that is read out, read-only rows a table.

The admin gives date-and-time pairs and lists that are edited in place no name of their own; these
classes do (static/js/office.js for searching selects). The accessible name is the field's label
(WCAG 2.2, 1.3.1, 4.1.2).
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.forms import BooleanField, CharField, Field, ModelForm
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from portal.core.dates import short_date
from portal.core.forms.bounds import bound
from portal.core.office.confidential import confidential
from portal.core.office.lists import OfficeListPage, is_key
from portal.core.rows.dated import DatedRow
from portal.core.rows.history import entries_about, record
from portal.core.text.characters import tidied_form
from portal.core.text.one_line import one_line

log = logging.getLogger("portal.office")

LONGEST_TEXT = 50_000  # characters of a column that has no bound of its own


class ReadOnly:
    """For rows that are written by acts alone: seen, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Picker(AutocompleteSelect):
    """A select that is searched. It shows what was sent only where that can be a row's key."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if is_key(str(one))], attr)


class Named(BaseModelAdmin):
    """For pages and inlines of the office: each input has a name."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for widget, part in zip(field.widget.widgets, ("date", "time"), strict=True):
                widget.attrs["aria-label"] = f"{capfirst(db_field.verbose_name)}, {part}"
        elif field is not None and db_field.name in getattr(self, "list_editable", ()):
            field.widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        if field is not None:
            bound(field, usual=LONGEST_TEXT)
        if isinstance(field, CharField) and isinstance(db_field, models.CharField):
            field.validators.append(one_line)
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Picker(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """What nobody reads is in no form, whatever fields a page names or leaves out."""
        named = super().get_exclude(request, obj)
        unread = confidential(self.model)
        return [*(named or ()), *unread] if unread else named


class OfficePage(Named, OfficeListPage):
    """A page of the office. Its list answers to what it offers alone (lists.py)."""

    view_on_site = False

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are named by their key alone."""
        return to_field == self.opts.pk.attname

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row of this key; None for one that there cannot be."""
        return super().get_object(request, object_id)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing: an address fills in no form."""
        return {}

    def refuse(self, request: HttpRequest, sentence: str) -> None:
        """Say that an act refused what was to be saved, and nothing of success after it."""
        self.message_user(request, sentence, messages.ERROR)
        request.is_refused = True  # type: ignore[attr-defined]

    def response_action(
        self, request: HttpRequest, queryset: Any, *more: Any, **named: Any
    ) -> HttpResponse | None:
        """What an action answers; the list for rows that there cannot be."""
        if all(is_key(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return super().response_action(request, queryset, *more, **named)
        self.message_user(request, "Choose rows from the list, then an action.", messages.ERROR)
        return redirect(request.get_full_path())

    def changeform_view(self, request: HttpRequest, *more: Any, **named: Any) -> HttpResponse:
        """The page of a row. Nothing is saved of what meanwhile, or by its counts, cannot be."""
        if request.method == "POST":
            request.POST = tidied_form(request.POST)  # type: ignore[assignment]
        try:
            return super().changeform_view(request, *more, **named)
        except IntegrityError:
            log.exception("Not saved: %s", request.path)
            sentence = (
                "Somebody else has just changed this, so nothing was saved. Check it, then try "
                "again."
            )
            self.message_user(request, sentence, messages.ERROR)
            return redirect(request.get_full_path())

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to a row, by the portal's own history: acts stand there, whoever did them.

        Looked at only. A form sent there would find the row unlocked.
        """
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "entries": entries_about(self.told_with(row)),
        }
        return TemplateResponse(request, "admin/history_of_row.html", context)

    def told_with(self, row: Any) -> list[models.Model]:
        """The rows whose history the page shows: several where they are one thing to people."""
        return [row]

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: Any = messages.INFO,
        *more: Any,
        **named: Any,
    ) -> None:
        if not (_is_refused(request) and level == messages.SUCCESS):
            super().message_user(request, message, level, *more, **named)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None if _is_refused(request) else super().log_change(request, obj, message)


def _is_refused(request: HttpRequest) -> bool:
    return getattr(request, "is_refused", False)


class RecordedPage(OfficePage):
    """A page of settings: the history has who set what, and what it was before."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        own = {field.name for field in obj._meta.fields}
        names = [name for name in form.changed_data if name in own]
        after = _as_words(obj, names)
        before = {name: str(form.initial.get(name, "")) for name in names} if change else {}
        if names or not change:
            act = f"{obj._meta.verbose_name} {self._done(form, change)}"
            record(act, obj, actor=request.user, at=timezone.now(), before=before, after=after)

    def _done(self, form: Any, change: bool) -> str:
        return "changed" if change else "added"

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        before = _as_words(obj, [field.name for field in obj._meta.concrete_fields])
        act = f"{obj._meta.verbose_name} deleted"
        record(act, obj, actor=request.user, at=timezone.now(), before=before)
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Settings are deleted one at a time, each with its own question."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def _as_words(obj: models.Model, names: list[str]) -> dict[str, str]:
    values = model_to_dict(obj)
    return {name: str(values[name]) for name in names if name in values}


class DatedForm(ModelForm):
    """The form of a row that holds from a day on.

    Saving one that has held for some days would change what held then: that is for mistakes only,
    and said so.
    """

    corrects = BooleanField(
        required=False,
        label="This corrects a mistake",
        help_text="Tick this to save the row as if it had always been right.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.has_held:
            del self.fields["corrects"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        is_asked = "corrects" in self.fields and bool(self.changed_data)
        if is_asked and not self.cleaned_data.get("corrects"):
            self.add_error(
                "corrects",
                f"This has applied since {short_date(self.instance.valid_from)}. To change it "
                "from a later day, give that day as “valid from” and choose “Save as new”. If "
                "it has been wrong from the start, tick the box.",
            )
        return cleaned


class DatedPage(RecordedPage):
    """A page of rows that hold from a day on: changed from a day on by “Save as new”.

    What must not be is said by the row (portal/core/rows/dated.py).
    """

    form = DatedForm
    save_as = True
    ordering: ClassVar[Any] = ("-valid_from",)
    how_to_change = (
        "To change something from a certain day, open the latest row, enter that day as “valid "
        "from”, and choose “Save as new”. Anything sent or issued before that day stays as it "
        "was."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """How to change it stands above the first fields."""
        (name, options), *others = super().get_fieldsets(request, obj)
        shown = [field for field in options["fields"] if field != "corrects"]
        first = (name, {**options, "fields": shown, "description": self.how_to_change})
        last = [(None, {"fields": ["corrects"]})] if obj is not None and obj.has_held else []
        return [first, *others, *last]

    def _done(self, form: Any, change: bool) -> str:
        corrected = change and form.cleaned_data.get("corrects")
        return "corrected" if corrected else super()._done(form, change)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row: DatedRow | None = self.get_object(request, object_id)
        sentence = row.refusal_to_delete() if row is not None else ""
        if row is None or not sentence or not self.has_delete_permission(request, row):
            return super().delete_view(request, object_id, extra_context)
        self.message_user(request, sentence, messages.ERROR)
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        return redirect(reverse(name, args=[row.pk]))


class OfficeInline(Named, admin.StackedInline):
    """Rows that are edited on another row's page, each input with its label."""

    extra = 0


class ReadOnlyRows(ReadOnly, admin.TabularInline):
    """Rows that are looked at on another row's page, as a table. One query, however many."""

    template = "admin/rows.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        columns = self.model._meta.concrete_fields
        others = [column.name for column in columns if column.is_relation]
        shown = [name for name in others if name in (self.fields or ())]
        return super().get_queryset(request).select_related(*shown)
