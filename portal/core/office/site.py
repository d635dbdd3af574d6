"""The office: only pages that are made for it, and none that names what nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import module_has_submodule

from portal.core.office.confidential import leads_to_confidential


class OfficeConfig(SimpleAdminConfig):
    """Django's admin with the portal's pages alone.

    Those of Django and of libraries would show keys and hashes, and change addresses and groups
    past our acts.
    """

    default = False
    default_site = "portal.core.office.site.OfficeSite"

    def ready(self) -> None:
        super().ready()
        for app in apps.get_app_configs():
            if app.name.startswith("portal.") and module_has_submodule(app.module, "admin"):
                import_module(f"{app.name}.admin")


class OfficeSite(AdminSite):
    # The front page names all pages; beside a list there is room for its columns instead.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Raises ImproperlyConfigured for a page that could tell what nobody reads."""
        from portal.core.office.pages import OfficePage

        if admin_class is None or not issubclass(admin_class, OfficePage) or options:
            raise ImproperlyConfigured(f"{admin_class}: a page of the office is an OfficePage.")
        is_several = isinstance(model_or_iterable, Iterable)
        for model in model_or_iterable if is_several else [model_or_iterable]:
            _check(model, admin_class)
            for inline in admin_class.inlines:
                _check(inline.model, inline)
            super().register(model, admin_class)

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Signing in to the office is signing in to the portal: Django's own view takes passwords
        that nobody counts, and asks for no second step."""
        from django.contrib.auth.views import redirect_to_login

        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def get_urls(self) -> list[Any]:
        """Without Django's page that leads to any row of any table by its key."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """What a picker of one of our pages asks, and no other field."""
        asked = tuple(request.GET.get(name) for name in ("app_label", "model_name", "field_name"))
        if asked not in set(self._pickers()) or not _is_page(request.GET.get("page", "1")):
            raise PermissionDenied
        return super().autocomplete_view(request)

    def _pickers(self) -> Iterator[tuple[str, str, str]]:
        for model in filter(self.is_registered, apps.get_models()):
            page = self.get_model_admin(model)
            for owner in (page, *page.inlines):
                for name in owner.autocomplete_fields:
                    yield owner.model._meta.app_label, owner.model._meta.model_name or "", name


def _is_page(number: str) -> bool:
    return number.isascii() and number.isdecimal() and 0 < len(number) < 9


def _check(model: Any, page: Any) -> None:
    for name in _named(page):
        if leads_to_confidential(model, name):
            raise ImproperlyConfigured(
                f"{page.__name__} names {name}, which nobody reads (core/office/confidential.py)."
            )


def _named(page: Any) -> Iterator[str]:
    """Every field that a page or its rows show, sort, search or filter by."""
    listed = ("list_display", "list_editable", "search_fields", "readonly_fields", "ordering")
    for name in listed:
        yield from (_bare(field) for field in getattr(page, name, None) or () if _is_path(field))
    for declared in getattr(page, "list_filter", ()):
        field = declared[0] if isinstance(declared, (list, tuple)) else declared
        if _is_path(field):
            yield field
    yield from flatten(page.fields or ())
    yield from flatten_fieldsets(page.fieldsets or ())
    if getattr(page, "date_hierarchy", None):
        yield page.date_hierarchy
    for name in dir(page):
        order = getattr(getattr(page, name, None), "admin_order_field", None)
        if isinstance(order, str):
            yield _bare(order)


def _is_path(field: Any) -> bool:
    return isinstance(field, str)


def _bare(field: str) -> str:
    """Without the sign of a descending order or of a kind of search."""
    return field.lstrip("-^=@")
