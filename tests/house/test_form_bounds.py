"""Every field of the office is sent what nobody should type: answered, never fallen over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.core.web.proofs import note_proof
from portal.core.web.sessions import SessionStore
from portal.people.inviting import invite
from portal.people.models import AccountClaim, Person
from tests import factories
from tests.house.pages import FORM, MANY, ODD_KEYS, TOTAL, PageForm, encoded
from tests.house.test_lists import Said, ask

pytestmark = [pytest.mark.django_db, pytest.mark.long]

PAGES = list(admin.site._registry.values())
KINDS = ("change", "history", "delete")
NAMES = ("q", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters", "_facets")
ANSWERS = {200, 302, 400, 403, 404, 405, 410, 414}
REFUSALS = (BadRequest, Http404, PermissionDenied, SuspiciousOperation)  # Django answers these


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Refusals are what is tested: they need no line each."""
    caplog.set_level(logging.CRITICAL)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def office(alice, bob, sam, client_of) -> Client:
    """The office of a superuser, with a row on every page."""
    User.objects.filter(pk=sam.user_id).update(is_superuser=True)
    factories.lists()
    factories.order(alice, factories.option(factories.event()))
    AccountClaim.objects.create(user=factories.account("shared@example.org"))
    invited = factories.person("Ina", "Invited", has_account=False)
    invite(Person.objects.filter(pk=invited.pk), actor="test", at=timezone.now())
    browser: Client = client_of(sam)
    return browser


def label_of(page: Any) -> str:
    """How its addresses are named."""
    return f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}"


def pages_of(page: Any, office: Client) -> list[tuple[str, Any, PageForm, list[str]]]:
    """Of the page of a row that there is, and of a new one: address, row, form, fields to try.

    A new one is filled in as the other is; it is tried by what only it asks.
    """
    label = label_of(page)
    row = page.model.objects.order_by("pk").first()
    found: list[tuple[str, Any, PageForm, list[str]]] = []
    if row is not None:
        url = reverse(f"{label}_change", args=[row.pk])
        form = PageForm(office.get(url).text)
        form.give_new_rows()
        found.append((url, row, form, list(form.values)))
    url = reverse(f"{label}_add")
    shown = office.get(url)
    if shown.status_code == 200:
        new, known = PageForm(shown.text), dict(found[0][2].sent) if found else {}
        new.give_new_rows()
        more = [name for name in new.values if name not in known]
        new.values |= {name: value for name, value in known.items() if name in new.values}
        found.append((url, None, new, more))
    return found


class Sending:
    """Sends a page's form, and draws nothing: what it would not save is not sent at all."""

    def __init__(self, page: Any, url: str, row: Any, user: User) -> None:
        self.url, self.row, self.user, self.model = url, row, user, page.model
        request = self._posted({})
        self.form = page.get_form(request, row, change=row is not None)
        self.sets = [formset for formset, _ in page.get_formsets_with_inlines(request, row)]

    def __call__(self, name: str, data: dict[str, Any]) -> HttpResponse | None:
        if not self._is_taken(name, QueryDict(encoded(data))):
            return None
        request = self._posted(data)
        match = request.resolver_match
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer

    def _is_taken(self, name: str, data: QueryDict) -> bool:
        """Whether the form that the field is of lets it through; the others are as they were."""
        row = self.model() if self.row is None else copy(self.row)
        for of in self.sets:
            prefix = of.get_default_prefix()
            if name.startswith(f"{prefix}-"):
                return bool(of(data, instance=row, prefix=prefix).is_valid())
        return bool(self.form(data, instance=row).is_valid())

    def _posted(self, data: dict[str, Any]) -> HttpRequest:
        request = RequestFactory().post(self.url, encoded(data), content_type=FORM)
        request.user, request.resolver_match = self.user, resolve(self.url)
        request._messages, request.session = Said(request), SessionStore()
        note_proof(request.session, at=timezone.now())
        request._dont_enforce_csrf_checks = True
        return request


def fallen(send: Callable[[], HttpResponse | None]) -> str:
    """What it fell over, undone in the database; empty where it did not."""
    try:
        with transaction.atomic():
            answer = send()
            transaction.set_rollback(True)
    except REFUSALS:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if answer is None or answer.status_code in ANSWERS else str(answer.status_code)


def test_no_field_of_the_office_falls_over_what_is_typed(office, sam):
    staff = User.objects.get(pk=sam.user_id)
    faults, tried, many = [], 0, []
    for page in PAGES:
        for url, row, form, names in pages_of(page, office):
            send = Sending(page, url, row, staff)
            for name in names:
                for odd in form.odd(name):
                    if name.endswith(TOTAL) and odd == MANY:
                        many.append(partial(send, name, {**form.sent, name: odd, "_save": "1"}))
                        continue
                    value = "x" * (form.longest.get(name, 0) + 1) if odd is None else odd
                    fault = fallen(partial(send, name, {**form.sent, name: value, "_save": "1"}))
                    faults += [f"{url} {name} {value[:20]!r} {fault}"] if fault else []
                    tried += 1
    # Django makes two thousand rows of each, by the same code: two will do.
    faults += [fault for send in (many[0], many[-1]) if (fault := fallen(send))]

    assert faults == []
    assert tried > 1000


def test_a_page_of_the_office_with_what_was_typed_is_shown_again(office):
    for page in PAGES:
        for url, _, form, _ in pages_of(page, office)[-1:]:
            counts = {name: value for name, value in form.sent.items() if name.endswith("_FORMS")}
            for odd in ("no number", "9" * 30, "a\0b"):
                data = {**dict.fromkeys(form.values, odd), **counts, "_save": "1"}
                sent = partial(office.post, url, encoded(data), content_type=FORM)
                assert fallen(sent) == "", (url, odd)


def test_a_list_of_the_office_does_not_fall_over_what_is_sent_to_it(office):
    """Rows that are edited in the list, actions, and the rows that they are for."""
    faults = []
    for page in PAGES:
        url = reverse(f"{label_of(page)}_changelist")
        shown = office.get(url)
        form = PageForm(shown.text)
        action = next(iter(page.get_actions(shown.wsgi_request)), "none")
        sends = [{"action": action, "_selected_action": "1", "index": "no number"}]
        for odd in ODD_KEYS:
            sends += [{**form.sent, name: odd, "_save": "1"} for name in form.values if "-" in name]
            sends.append({"action": action, "_selected_action": ["1", odd]})
            sends.append({"action": odd, "_selected_action": "1", "select_across": odd})
        for data in sends:
            sent = partial(office.post, url, encoded(data), content_type=FORM)
            faults += [f"{url} {data} {fault}"] if (fault := fallen(sent)) else []

    assert faults == []


def test_an_address_of_the_office_may_name_anything(office, sam):
    """Its rows, and what stands behind its question mark."""
    staff = User.objects.get(pk=sam.user_id)
    faults = []
    for page in PAGES:
        label = label_of(page)
        urls = []
        for odd in ("no number", "9" * 30, "%00", "%ED%A0%80"):
            urls += [f"{reverse(f'{label}_changelist')}{odd}/{kind}/" for kind in KINDS]
            named = page.model._meta.get_fields()
            urls.append(f"{reverse(f'{label}_add')}?{'&'.join(f'{f.name}={odd}' for f in named)}")
        sends = [partial(office.get, url) for url in urls]
        sends += [partial(asked, page, staff, {name: odd}) for name in NAMES for odd in ODD_KEYS]
        faults += [f"{send.args} {fault}" for send in sends if (fault := fallen(send))]

    assert faults == []


def asked(page: Any, user: User, query: dict[str, str]) -> HttpResponse:
    answer: HttpResponse = ask(page, user, query)[0]
    return answer
