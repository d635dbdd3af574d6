"""Every field and address of the members' pages is sent what nobody should type."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.billing.moving_money_forms import MoneyForm
from portal.core.forms.base import PortalFormMixin
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.models import Address
from tests import factories
from tests.accounts.test_second_step import set_up
from tests.answering import answered
from tests.house.pages import FORM, ODD, ODD_WORDS, encoded
from tests.house.test_addresses import TABLE, address
from tests.house.test_form_bounds import fallen

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NEXT = ("//[", "http://[::1", "//x@[", "\\\\[", "/\0", "/" + "x" * 5000, "javascript:x", "//a\0b")


@pytest.fixture(autouse=True)
def quiet(settings):
    """Refusals are what is tested: they need no line each, and no waiting."""
    settings.ATTEMPT_LIMITS = {}
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def seen(monkeypatch):
    """The classes of the forms that were sent something."""
    found = set()
    real = PortalFormMixin.full_clean

    def noting(form):
        if form.is_bound:
            found.add(type(form))
        real(form)

    monkeypatch.setattr(PortalFormMixin, "full_clean", noting)
    return found


def link_of(to: str) -> str:
    """The way in of the latest message to an address."""
    text = words_of(OutgoingMail.objects.filter(to=to).latest("pk")).text
    found = re.search(r"http://localhost:8000(/(?:forgotten|invitation)/\S+)", text)
    assert found
    return found[1]


def forms(world: Any) -> Iterator[tuple[Client, str, dict[str, Any]]]:
    """Each form of the members' pages: the browser, the address, what is sent when all is well."""
    alice, bob = world["clients"]["alice"], world["clients"]["bob"]
    password = {"password": factories.PASSWORD}
    new = {"password1": "three words together"}
    nell = {"first_name": "Nell", "last_name": "New", "email": "nell@example.org", **new}
    yield Client(), "/sign-in/", {"login": "alice@example.org", "next": "/account/", **password}
    yield Client(), "/sign-in/code/", {"email": "alice@example.org", "next": "/account/"}
    asked = Client()
    asked.post("/sign-in/code/", {"email": "alice@example.org"})
    yield asked, "/sign-in/code/check/", {"code": "X", "action": "verify"}
    yield Client(), "/create-an-account/", nell
    signing_up = Client()
    signing_up.post("/create-an-account/", nell)
    yield signing_up, "/create-an-account/check/", {"code": "X", "action": "verify"}
    yield Client(), "/forgotten/", {"email": "alice@example.org"}
    yield Client(), "/forgotten/address/", {"number": "1"}
    lost = {"first_name": "Alice", "last_name": "Archer", "postcode": "LS1 4AP"}
    yield Client(), "/forgotten/address/", lost
    reset = Client()
    answered(reset.post("/forgotten/", {"email": "alice@example.org"}))
    yield reset, reset.get(link_of("alice@example.org"))["Location"], new
    changed = {"oldpassword": factories.PASSWORD, **new}
    yield alice, "/account/password/", changed
    yield alice, "/sign-in/again/", {"next": "/account/", **password}
    invitation = f"/invitation/{world['token']}/"
    yield Client(), invitation, {"password": "three words together"}
    yield Client(), f"{invitation}renewal/", {}
    line = {
        "line_1": "1 Row",
        "line_2": "",
        "line_3": "",
        "town": "Leeds",
        "county": "",
        "next": "/",
    }
    Address.objects.filter(person__email="bob@example.org").delete()
    yield bob, "/account/address/", {**line, "postcode": "LS1 4AP", "country": "GB", "next": "/"}
    yield alice, "/account/purchase-order/", {"number": "7"}
    yield alice, f"/invoices/{world['invoice']}/purchase-order/", {"number": "7"}
    yield from _events(world)
    yield Client(), "/theme/", {"theme": "dark", "next": "/"}


def _events(world: Any) -> Iterator[tuple[Client, str, dict[str, Any]]]:
    alice, bob = world["clients"]["alice"], world["clients"]["bob"]
    page = f"/training-and-events/{world['code']}/registration/"
    shown = bob.get(page).text
    wording = re.search(r'name="wording" value="([^"]*)"', shown)
    option = re.search(r'name="option" value="([^"]*)"', shown)
    assert wording
    assert option
    yield (
        bob,
        page,
        {
            "option": option[1],
            "special_requirements": "",
            "agree": "on",
            "wording": wording[1],
        },
    )
    yield alice, f"/basket/{world['hold']}/removal/", {}
    shown = alice.get("/checkout/").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    yield alice, "/checkout/", {"purchase_order": "", "agree": "on", **hidden}


def sent(browser: Client, url: str, data: dict[str, Any]) -> Any:
    """The answer; the browser is as it was before."""
    before = deepcopy(browser.cookies)
    try:
        return browser.post(url, encoded(data), content_type=FORM)
    finally:
        browser.cookies = before


def test_no_field_of_the_members_falls_over_what_is_typed(world, seen):
    faults = []
    for browser, url, data in forms(world):
        fault = fallen(partial(sent, browser, url, data))
        faults += [f"{url} {fault}"] if fault else []
        for name in [*data, "next"]:
            is_text = name not in {"option", "reviewed", "basket", "country"}
            for odd in (
                *(ODD_WORDS[1:] if is_text else ODD[1:]),
                *(NEXT if name == "next" else ()),
            ):
                fault = fallen(partial(sent, browser, url, {**data, name: odd}))
                faults += [f"{url} {name} {odd[:20]!r} {fault}"] if fault else []

    assert faults == []
    later = {"SecondStepForm", "SecondStepAgainForm", "SetUpSecondStepForm", "SetPasswordForm"}
    office = {MoneyForm, *_below(MoneyForm)}  # tests/billing/test_moving_money_admin.py
    every = {form.__name__ for form in {*_below(PortalFormMixin)} - office}
    every -= {"PortalForm", "EventFilters"}
    every = {name for name in every if not name.endswith("Mixin")}
    assert {form.__name__ for form in seen} >= every - later


def _below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("portal."):
            yield one
            yield from _below(one)


def test_no_field_of_the_second_step_falls_over_what_is_typed(client_of, charlie, seen):
    browser = client_of(charlie)
    browser.post("/sign-in/again/", {"password": factories.PASSWORD})
    browser.get("/account/second-step/app/")
    faults = _codes(browser, "/account/second-step/app/")
    set_up(browser)
    faults += _codes(browser, "/sign-in/again/second-step/")
    signing_in = Client()
    signing_in.post("/sign-in/", {"login": charlie.email, "password": factories.PASSWORD})
    faults += _codes(signing_in, "/sign-in/second-step/")
    User.objects.filter(pk=charlie.user_id).update(password="!")
    without = Client()
    without.force_login(User.objects.get(pk=charlie.user_id))
    for odd in ODD_WORDS[1:]:
        fault = fallen(partial(sent, without, "/account/password/new/", {"password1": odd}))
        faults += [f"{odd[:20]!r} {fault}"] if fault else []

    assert faults == []
    names = {"SecondStepForm", "SecondStepAgainForm", "SetUpSecondStepForm", "SetPasswordForm"}
    assert {form.__name__ for form in seen} >= names


def _codes(browser: Client, url: str) -> list[str]:
    faults = [fallen(partial(sent, browser, url, {"code": odd})) for odd in ODD_WORDS[1:]]
    faults += [fallen(partial(sent, browser, url, {"code": "1", "next": to})) for to in NEXT]
    return [f"{url} {fault}" for fault in faults if fault]


QUERY = ("page", "q", "kind", "where", "since", "places", "about", "to", "show", "next", "process")


def test_no_page_falls_over_what_stands_in_its_address(world):
    faults = []
    for name in TABLE:
        url = address(name, world)
        browser = world["clients"]["visitor" if TABLE[name][0][2] == 302 else "alice"]
        for odd in ("no number", "9" * 30, "%00", "%ED%A0%80", "-5", "//[", "0001-01-01"):
            asked = "&".join(f"{word}={odd}" for word in QUERY)
            fault = fallen(partial(browser.get, f"{url}?{asked}"))
            faults += [f"{url}?{asked} {fault}"] if fault else []
        for word in TABLE[name][1:]:
            for odd in ("no", "9" * 25, "9" * 5000, "%00", "%ED%A0%80", "-5", "%F0%9F%98%80"):
                other = url.replace(str(world[word]), odd)
                fault = fallen(partial(browser.get, other))
                faults += [f"{other[:99]} {fault}"] if fault else []
    for odd in ("no number", "9" * 30, "%00", "0001-01-01", "9999-12-31", "%ED%A0%80"):
        for word in ("page", "since", "q", "kind"):
            url = f"/training-and-events/?{word}={odd}"
            faults += filter(None, [fallen(partial(world["clients"]["visitor"].get, url))])

    assert faults == []


@pytest.mark.parametrize("page", ["/sign-in/", "/sign-in/code/", "/create-an-account/"])
@pytest.mark.parametrize("to", NEXT)
def test_next_that_is_no_address_leads_nowhere(client, page, to):
    assert client.get(page, {"next": to}).status_code == 200


def address_of(length: int) -> str:
    """An email address of so many characters, as it could be."""
    domain = "".join("." if n % 50 == 49 else "y" for n in range(length - 69))
    return f"{'x' * 64}@{domain}.org"


@pytest.mark.parametrize("length", [254, 255, 320, 321])
@pytest.mark.parametrize(
    ("page", "name", "more"),
    [
        ("/sign-in/", "login", {"password": "x"}),
        ("/sign-in/code/", "email", {}),
        ("/forgotten/", "email", {}),
        (
            "/create-an-account/",
            "email",
            {"first_name": "N", "last_name": "N", "password1": "three words together"},
        ),
    ],
)
def test_an_address_is_as_long_as_its_column_or_told(client, page, name, more, length):
    email = address_of(length)

    answer = client.post(page, {name: email, **more})

    if length <= 254:
        assert "254 characters" not in answer.text
    else:
        assert answer.status_code == 200
        assert "must be 254 characters or less" in answer.text
