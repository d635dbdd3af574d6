"""The office's pages that move money: a form, what it would do, and yes.

What would be done is tried, told and undone; yes does it, unless money of the account has moved
meanwhile (money_as_seen.py), so that a form that is sent twice does it once.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from portal.billing.allocating import MoneyRefused
from portal.billing.finding_accounts import AccountNotFound
from portal.billing.models import Allocation, BillingAccount, CreditNote, Invoice, Payment
from portal.billing.money_as_seen import check_as_seen, seen
from portal.billing.moving_money_forms import (
    AllocateForm,
    CreditForm,
    MoneyForm,
    ReceiveForm,
    RefundForm,
    ReverseForm,
    TakeBackForm,
    WriteOffForm,
)
from portal.billing.readiness import NotReady
from portal.core.body.details import BodyMissing
from portal.core.office.pages import OfficePage, by
from portal.core.office.permitting import may, permission_of

# Where a page is: what follows the address of a row of this kind, and its form.
PAGES: dict[type[models.Model], dict[str, type[MoneyForm]]] = {
    Invoice: {"receive": ReceiveForm, "credit": CreditForm, "write-off": WriteOffForm},
    Payment: {"allocate": AllocateForm, "reverse": ReverseForm},
    CreditNote: {"allocate": AllocateForm},
    BillingAccount: {"refund": RefundForm},
    Allocation: {"take-back": TakeBackForm},
}
RECEIVE = "admin:billing_payment_receive"


def urls_for(kind: type[models.Model]) -> list[Any]:
    """The addresses of its pages, for the page of the kind in the office."""
    name = kind._meta.model_name
    found = [
        path(f"<int:pk>/{word}/", _view(kind, form), name=f"billing_{name}_{word}")
        for word, form in PAGES[kind].items()
    ]
    if kind is Payment:
        found.append(path("receive/", _view(None, ReceiveForm), name="billing_payment_receive"))
    return found


def links_for(row: models.Model, user: Any) -> list[tuple[str, str]]:
    """Address and title of each page of a row that somebody may use."""
    name = row._meta.model_name
    return [
        (reverse(f"admin:billing_{name}_{word}", args=[row.pk]), form.title)
        for word, form in PAGES[type(row)].items()
        if may(user, permission_of(form.act))
    ]


class WithMoneyPages(OfficePage):
    """The page of a row from which money is moved."""

    def get_urls(self) -> list[Any]:
        return [*urls_for(self.model), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *more: Any, **named: Any
    ) -> HttpResponse:
        row = context.get("original")
        context["more_pages"] = links_for(row, request.user) if row is not None else []
        return super().render_change_form(request, context, *more, **named)


def _view(kind: type[models.Model] | None, form_class: type[MoneyForm]) -> Any:
    def view(request: HttpRequest, pk: int = 0) -> HttpResponse:
        if not may(request.user, permission_of(form_class.act)):
            raise PermissionDenied
        row = get_object_or_404(kind._default_manager, pk=pk) if kind is not None else None
        return _answer(request, row, form_class)

    return admin.site.admin_view(view)


def _answer(request: HttpRequest, row: Any, form_class: type[MoneyForm]) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None, row=row)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "form": form,
        "row": row,
        "title": form.title,
        "back": _page_of(row),
    }
    if "change" not in request.POST and form.is_valid():
        try:
            if "sure" in request.POST:
                for sentence in _done(form, request):
                    messages.success(request, sentence)
                return redirect(_page_of(row))
            context.update(_tried(form, request))
        except (MoneyRefused, AccountNotFound, NotReady, BodyMissing) as refusal:
            form.add_error(None, str(refusal))
    return TemplateResponse(request, "admin/moving_money.html", context)


def _tried(form: MoneyForm, request: HttpRequest) -> dict[str, Any]:
    """What it would do, and the mark of the money that it was tried on; all of it is undone."""
    given = by(request)
    with transaction.atomic():
        mark = seen(form.accounts(at=given["at"]))
        told = form.do(**given)
        transaction.set_rollback(True)
    return {"told": told, "mark": mark}


@transaction.atomic
def _done(form: MoneyForm, request: HttpRequest) -> list[str]:
    given = by(request)
    check_as_seen(form.accounts(at=given["at"]), request.POST.get("mark", ""))
    return form.do(**given)


def _page_of(row: Any) -> str:
    """Where the way back leads: the page of the row, or the payments."""
    if row is None:
        return reverse("admin:billing_payment_changelist")
    shown = row.credit if isinstance(row, Allocation) else row
    return reverse(f"admin:billing_{shown._meta.model_name}_change", args=[shown.pk])
