"""What the office's pages share: every input has a name that is read out, read-only rows a table.

The admin gives date-and-time pairs and lists that are edited in place no name of their own; these
classes do (static/js/office.js for searching selects). The accessible name is the field's label
(WCAG 2.2, 1.3.1, 4.1.2).
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.forms import Field
from django.http import HttpRequest
from django.utils.text import capfirst


class ReadOnly:
    """For rows that are written by acts alone: seen, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
        return field


class OfficePage(Named, admin.ModelAdmin):
    """A page of the office."""

    list_per_page = 50


class OfficeInline(Named, admin.StackedInline):
    """Rows that are edited on another row's page, each input with its label."""

    extra = 0


class ReadOnlyRows(ReadOnly, admin.TabularInline):
    """Rows that are looked at on another row's page, as a table."""

    template = "admin/rows.html"
