"""Signed out in the middle of a form: the person comes back to it, with what they typed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_in import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/purchase-order/"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the offer, but the token."""
    offer = page.partition('<form class="form"')[2].partition("</form>")[0]
    found = {name: html.unescape(value) for name, value in FIELD.findall(offer)}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def shown(page: str) -> list[tuple[str, str]]:
    """The rows of the offer that a person reads."""
    rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.S)
    return [(html.unescape(key), html.unescape(value).strip()) for key, value in rows]


def lose_session(client: Client, who: Person) -> None:
    """A browser in which somebody was signed in, and is no more."""
    client.force_login(who.user)
    client.get(PAGE)
    client.cookies.pop(settings.SESSION_COOKIE_NAME)


def come_back(client: Client, typed: dict[str, str], **headers: str):
    """Be signed out, send a form, sign in, and follow to where that leads."""
    lose_session(client, Person.objects.get(email="alice@example.org"))
    led = client.post(PAGE, typed, headers=headers)
    assert led["Location"] == f"/sign-in/?next={PAGE}"
    signed_in = sign_in(client, "alice@example.org", factories.PASSWORD, next=PAGE)
    assert signed_in["Location"] == PAGE
    return client.get(PAGE)


def test_what_was_typed_is_sent_after_signing_in(client: Client, alice: Person) -> None:
    number = 'PO "7" & <b>'
    page = come_back(client, {"number": number, "csrfmiddlewaretoken": "x"})

    assert "<h1>Send what you typed?</h1>" in page.text
    assert shown(page.text) == [("Purchase order number", number)]
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert fields(page.text) == {"number": number}
    alice.refresh_from_db()
    assert alice.purchase_order_number == ""

    assert client.post(PAGE, fields(page.text))["Location"] == "/account/"
    alice.refresh_from_db()
    assert alice.purchase_order_number == number
    assert "Change your purchase order number</h1>" in client.get(PAGE).text


def test_it_is_there_again_when_the_page_is_loaded_again(client: Client, alice: Person) -> None:
    come_back(client, {"number": "PO 7"})
    assert fields(client.get(PAGE).text) == {"number": "PO 7"}
    assert "About me" in client.get("/account/").text


def test_going_on_without_it_leads_to_the_page_it_came_from(client: Client, alice: Person) -> None:
    come_back(client, {"number": "PO 7"}, referer="http://testserver/account/?tab=1")
    answer = client.post(PAGE, {"number": "PO 7", "without": "it"})
    assert answer["Location"] == "/account/?tab=1"
    assert "Send what you typed?" not in client.get(PAGE).text


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "http://testserver//evil.example/x",
        "http://testserver/\\\\evil.example",
    ],
)
def test_no_page_but_ours_is_led_to(client: Client, alice: Person, page: str) -> None:
    come_back(client, {"number": "PO 7"}, referer=page)
    assert client.post(PAGE, {"number": "PO 7", "without": "it"})["Location"] == "/"


def test_after_an_hour_it_is_gone(client: Client, alice: Person) -> None:
    come_back(client, {"number": "PO 7"})
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "Send what you typed?" not in client.get(PAGE).text


def test_no_password_is_kept(client: Client, alice: Person) -> None:
    page = come_back(client, {"number": "PO 7", "password": "secret", "New_Password2": "secret"})
    assert fields(page.text) == {"number": "PO 7"}
    assert "secret" not in str(dict(client.session))


def test_too_much_is_not_kept_and_is_begun_again(client: Client, alice: Person) -> None:
    lose_session(client, alice)
    led = client.post(
        PAGE, {"number": "x" * 20_001}, headers={"referer": "http://testserver/account/"}
    )
    assert led["Location"] == "/sign-in/?next=/account/"
    assert "kept" not in client.session


def test_an_address_that_takes_only_posts(client: Client, alice: Person) -> None:
    hold = factories.hold(alice, factories.option(factories.event())).holds.get()
    lose_session(client, alice)
    address = f"/basket/{hold.pk}/removal/"
    assert client.post(address)["Location"] == f"/sign-in/?next={address}"
    sign_in(client, "alice@example.org", factories.PASSWORD, next=address)
    page = client.get(address)
    assert (page.status_code, f'action="{address}"' in page.text) == (200, True)
    assert "<h1>Continue with what you asked for?</h1>" in page.text
    assert client.post(address).status_code == 302
    assert client.get(address).status_code == 405


def test_who_is_signed_in_is_asked_nothing(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    client = client_of(alice)
    client.post(PAGE, {"number": "PO 7"})
    assert "Send what you typed?" not in client.get(PAGE).text


def test_it_is_not_kept_where_nobody_was_signed_in(client: Client, alice: Person) -> None:
    led = client.post(PAGE, {"number": "PO 7"})
    assert led["Location"] == "/sign-in/?next=/"
    assert not Session.objects.exists()


def test_it_is_not_kept_for_an_account_that_the_cookie_only_claims(
    client: Client, alice: Person
) -> None:
    client.cookies[settings.LAST_ACCOUNT_COOKIE_NAME] = str(alice.user_id)
    assert client.post(PAGE, {"number": "PO 7"})["Location"] == "/sign-in/?next=/"


def test_it_is_not_kept_after_signing_out(client: Client, alice: Person) -> None:
    client.force_login(alice.user)
    client.get(PAGE)
    client.post("/sign-out/")
    assert client.post(PAGE, {"number": "PO 7"})["Location"] == "/sign-in/?next=/"


def test_another_who_signs_in_is_never_offered_it(
    client: Client, alice: Person, bob: Person
) -> None:
    lose_session(client, alice)
    client.post(PAGE, {"number": "I have epilepsy"})
    sign_in(client, bob.email, factories.PASSWORD, next=PAGE)
    assert "epilepsy" not in str(dict(client.session))
    assert "Change your purchase order number</h1>" in client.get(PAGE).text


def test_the_row_of_who_does_not_sign_in_ends_with_the_hour(client: Client, alice: Person) -> None:
    lose_session(client, alice)
    Session.objects.all().delete()
    client.post(PAGE, {"number": "PO 7"})
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    sign_in(client, alice.email, factories.PASSWORD)
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_after_the_hour_any_page_of_the_person_deletes_it(client: Client, alice: Person) -> None:
    come_back(client, {"number": "PO 7"})
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        client.get("/account/")
        assert "kept" not in client.session


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    client = client_of(alice)
    cookie = client.get("/account/").cookies[settings.LAST_ACCOUNT_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")
    assert settings.LAST_ACCOUNT_COOKIE_NAME not in client.get("/account/").cookies


def test_of_a_registration_the_words_are_shown_and_no_keys(client: Client, alice: Person) -> None:
    option = factories.option(factories.event())
    address = f"/training-and-events/{option.event.code}/registration/"
    lose_session(client, alice)
    typed = {"option": str(option.pk), "special_requirements": "A ramp\n<b>", "wording": "a mark"}
    client.post(address, {**typed, "agree": "on", "nonsense": "x"})
    sign_in(client, alice.email, factories.PASSWORD, next=address)
    page = client.get(address).text
    assert shown(page) == [
        ("Registration option", f"{option.name}, {option.event.title}"),
        ("Special requirements", "A ramp<br><b>"),
        ("I agree to the terms and conditions", "Yes"),
    ]
    assert "<b>" not in page
    assert fields(page)["option"] == str(option.pk)
