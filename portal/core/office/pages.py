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
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.forms import CharField, Field
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from portal.core.forms.bounds import bound
from portal.core.office.changing_rows import (
    delete_row,
)
from portal.core.office.confidential import confidential
from portal.core.office.lists import OfficeListPage, is_key
from portal.core.rows.history import entries_about
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
    """A page of the office. Its list answers to what it offers alone (lists.py).

    It turns a form into an act, and what the act refuses (`refusals`, the exceptions of its module)
    into an error of the form: it locks nothing, writes nothing and has no rule of its own.
    """

    view_on_site = False
    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are named by their key alone."""
        return to_field == self.opts.pk.attname

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row of this key; None for one that there cannot be."""
        return super().get_object(request, object_id)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing: an address fills in no form."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A page of rows that are saved names the act that does it (docs/conventions.md)."""
        raise NotImplementedError(f"{type(self).__name__} names no act that saves.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_row(obj, **by(request))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            delete_row(row, **by(request))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form; with the refusal of the act among its errors once there is one."""
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else _refused(form, refusal)

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
        """The page of a row. Nothing is saved of what meanwhile, or by its counts, cannot be.

        What an act refuses is an error of the form, beside all that was typed.
        """
        refused: tuple[type[Exception], ...] = (ValidationError, *self.refusals)
        try:
            return super().changeform_view(request, *more, **named)
        except refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
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


def by(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and when."""
    return {"actor": request.user, "at": timezone.now()}


def changed_in(form: Any) -> dict[str, Any]:
    """What a form changes of its row: field and value."""
    own = {field.name for field in form.instance._meta.fields}
    return {name: form.cleaned_data[name] for name in form.changed_data if name in own}


def _refused(form: Any, refusal: Exception) -> Any:
    """The class of a form whose errors have what an act refused, beside its field if it has one."""

    def clean(self: Any) -> Any:
        cleaned = form.clean(self)
        error = refusal if isinstance(refusal, ValidationError) else str(refusal)
        field = getattr(refusal, "field", None)
        if isinstance(error, ValidationError) and not _fits(error, self):
            error = ValidationError(error.messages)
        self.add_error(field if field in self.fields else None, error)
        return cleaned

    return type(form)(form.__name__, (form,), {"clean": clean})


def _fits(error: ValidationError, form: Any) -> bool:
    return set(getattr(error, "error_dict", {})) <= set(form.fields)


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
