"""The second step: set up, asked for, and required of staff where the body wants it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from portal.core.mail.words import words_of
from portal.core.models import Body, HistoryEntry, OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_in import sign_in
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def required(body: object) -> None:
    Body.objects.update(staff_second_step=True)


def code_for(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def set_up(browser: Client) -> str:
    """Confirm the password, set the second step up; returns the secret."""
    browser.post("/sign-in/again/", {"password": factories.PASSWORD})
    page = browser.get("/account/second-step/app/")
    found = re.search(r'qr-code__key">([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})<', page.text)
    assert found
    secret = found[1].replace(" ", "")
    browser.post("/account/second-step/app/", {"code": code_for(secret)})
    return secret


def enter(browser: Client, page: str, secret: str, *, minutes: int = 2) -> Any:
    """Send the code that the app shows in some minutes: each signs in once."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        return browser.post(page, {"code": code_for(secret)})


def messages(page: str) -> str:
    """The banners above a page."""
    return page.partition('<div class="messages">')[2].partition('<div class="page__before">')[0]


@pytest.mark.parametrize("address", ["/", "/account/", "/office/", "/basket/", "/sign-in/code/"])
def test_staff_without_it_are_led_to_set_it_up(
    client_of: Callable[[Person], Client], sam: Person, required: None, address: str
) -> None:
    answer = client_of(sam).get(address)
    next_page = "" if address == "/" else f"?next={quote(address, safe='')}"
    assert answer.status_code == 302
    assert answer["Location"] == f"/account/second-step/app/{next_page}"


@pytest.mark.parametrize("address", ["/help/", "/training-and-events/"])
def test_what_everybody_may_read_stays_open(
    client_of: Callable[[Person], Client], sam: Person, required: None, address: str
) -> None:
    assert client_of(sam).get(address).status_code == 200


def test_staff_who_set_it_up_come_to_the_page_they_wanted(
    client_of: Callable[[Person], Client], sam: Person, required: None
) -> None:
    browser = client_of(sam)
    led = browser.get("/office/?q=a&b=c")["Location"]
    again = browser.get(led)["Location"]
    led = browser.post(again, {"password": factories.PASSWORD})["Location"]
    page = browser.get(led).text
    assert re.search(r'href="/sign-out/">Sign out</a>\s*</div>', page)
    secret = page.partition('qr-code__key">')[2].partition("<")[0].replace(" ", "")
    led = browser.post(led, {"code": code_for(secret)})["Location"]
    assert led.startswith("/account/second-step/codes/?")
    assert 'href="/office/?q=a&amp;b=c">Continue</a>' in browser.get(led).text
    evil = browser.get("/account/second-step/codes/?next=//evil.example/").text
    assert 'href="//evil.example' not in evil
    assert "Go to the front page" in evil


def test_who_is_not_asked_for_it_may_cancel(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    browser = client_of(alice)
    browser.post("/sign-in/again/", {"password": factories.PASSWORD})
    page = browser.get("/account/second-step/app/").text
    assert 'href="/account/second-step/">Cancel</a>' in page


def test_staff_without_it_may_still_sign_out_and_choose_colours(
    client_of: Callable[[Person], Client], sam: Person, required: None
) -> None:
    browser = client_of(sam)
    assert browser.post("/theme/", {"theme": "dark"})["Location"] == "/"
    assert browser.get("/brand/0e5a5c-00000000.css").status_code == 200
    assert browser.get("/sign-out/").status_code == 200


def test_where_the_body_does_not_ask_staff_go_on(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    assert not Body.objects.get().staff_second_step
    assert client_of(sam).get("/account/").status_code == 200


def test_members_are_never_asked_and_it_costs_them_no_query(
    client_of: Callable[[Person], Client],
    alice: Person,
    required: None,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    browser = client_of(alice)
    with django_assert_num_queries(3):  # the session, the account, the page's body
        assert browser.get("/help/").status_code == 200


def test_setting_it_up_opens_the_portal_and_gives_recovery_codes(
    client_of: Callable[[Person], Client],
    sam: Person,
    required: None,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    browser = client_of(sam)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(browser)
    assert browser.get("/office/").status_code == 200
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert get_adapter().decrypt(stored) == secret
    codes = browser.get("/account/second-step/codes/").text
    assert len(re.findall(r"<code>\d{8}</code>", codes)) == 10
    file = browser.get("/account/second-step/codes/file/")
    assert len(re.findall(r"^\d{8}$", file.text, re.M)) == 10
    assert OutgoingMail.objects.latest("pk").kind == "account_changed"


@pytest.mark.django_db(transaction=True)
def test_setting_it_up_is_told_once(client_of: Callable[[Person], Client], sam: Person) -> None:
    browser = client_of(sam)
    set_up(browser)
    page = browser.get("/account/second-step/codes/").text
    assert re.findall(r"<p>([^<]+)</p>", messages(page)) == ["You have set up the second step."]


def test_the_code_is_asked_for_at_the_next_sign_in(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    secret = set_up(client_of(sam))
    browser = Client()
    answer = sign_in(browser, sam.email, factories.PASSWORD, next="/account/")
    assert answer["Location"] == "/sign-in/second-step/"
    assert browser.get("/account/").status_code == 302
    wrong = browser.post("/sign-in/second-step/", {"code": "000000"})
    assert "That code is not right. Enter the code your app shows now" in wrong.text
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        answer = browser.post("/sign-in/second-step/", {"code": code_for(secret)})
    assert answer["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200


def test_starting_again_leads_to_signing_in_and_not_round_the_second_step(
    client_of: Callable[[Person], Client], sam: Person, charlie: Person
) -> None:
    set_up(client_of(sam))
    browser = Client()
    sign_in(browser, sam.email, factories.PASSWORD)
    again = re.search(r'href="([^"]+)">Start again<', browser.get("/sign-in/second-step/").text)
    assert again
    assert "<h1>Sign in</h1>" in browser.get(again[1]).text
    assert browser.get("/account/").status_code == 302
    assert sign_in(browser, sam.email, factories.PASSWORD)["Location"] == "/sign-in/second-step/"
    assert sign_in(browser, charlie.email, factories.PASSWORD)["Location"] == "/"
    assert browser.session["_auth_user_id"] == str(charlie.user_id)


def test_the_second_of_two_clicks_leads_to_the_recovery_codes(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    browser = client_of(sam)
    secret = set_up(browser)
    page = "/account/second-step/app/"
    again = browser.post(f"{page}?next=/office/", {"code": code_for(secret)})
    assert again["Location"] == "/account/second-step/codes/?next=%2Foffice%2F"
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_two_at_once_set_it_up_once(
    client_of: Callable[[Person], Client], sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other is done between the look and the writing of this one."""
    browser = client_of(sam)
    browser.post("/sign-in/again/", {"password": factories.PASSWORD})
    page = browser.get("/account/second-step/app/").text
    secret = page.partition('qr-code__key">')[2].partition("<")[0].replace(" ", "")
    sealed = get_adapter().encrypt(secret)
    Authenticator.objects.create(user=sam.user, type="totp", data={"secret": sealed})
    monkeypatch.setattr("portal.accounts.views.second_step.has_second_step", lambda _: False)
    monkeypatch.setattr("allauth.mfa.totp.views.is_mfa_enabled", lambda *_: False)
    answer = browser.post("/account/second-step/app/", {"code": code_for(secret)})
    assert answer["Location"] == "/account/second-step/codes/"


def test_the_code_that_set_it_up_does_not_sign_in(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    secret = set_up(client_of(sam))
    browser = Client()
    sign_in(browser, sam.email, factories.PASSWORD)
    assert browser.post("/sign-in/second-step/", {"code": code_for(secret)}).status_code == 200
    assert "_auth_user_id" not in browser.session


def test_a_recovery_code_works_once(client_of: Callable[[Person], Client], sam: Person) -> None:
    browser = client_of(sam)
    set_up(browser)
    code = re.findall(r"<code>(\d{8})</code>", browser.get("/account/second-step/codes/").text)[0]
    first = Client()
    sign_in(first, sam.email, factories.PASSWORD)
    assert first.post("/sign-in/second-step/", {"code": code})["Location"] == "/"
    second = Client()
    sign_in(second, sam.email, factories.PASSWORD)
    assert second.post("/sign-in/second-step/", {"code": code}).status_code == 200


def test_an_invitation_does_not_go_round_it(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    secret = set_up(client_of(alice))
    browser = Client()
    answered(browser.post("/forgotten/", {"email": alice.email}))
    mail = OutgoingMail.objects.get(kind="password_reset_key")
    link = re.search(r"http://localhost:8000(/forgotten/\S+-\S+/)", words_of(mail).text)
    page = browser.get(link[1], follow=True)
    answer = browser.post(page.redirect_chain[-1][0], {"password1": "three quite new words"})
    assert answer["Location"] == "/sign-in/second-step/"
    assert "_auth_user_id" not in browser.session
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        browser.post("/sign-in/second-step/", {"code": code_for(secret)})
    assert browser.session["_auth_user_id"] == str(alice.user_id)


def test_changing_it_takes_the_password_again(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    answer = client_of(sam).get("/account/second-step/app/")
    assert answer["Location"] == "/sign-in/again/?next=%2Faccount%2Fsecond-step%2Fapp%2F"


def test_who_has_just_signed_in_is_not_asked_for_the_password_at_once_again(
    client: Client, sam: Person, required: None
) -> None:
    assert sign_in(client, sam.email, factories.PASSWORD, next="/office/")["Location"] == "/office/"
    led = client.get("/office/")["Location"]
    assert "<h1>Set up the second step</h1>" in client.get(led).text
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get(led)["Location"].startswith("/sign-in/again/?")


def test_the_office_takes_it_away_for_who_has_lost_it(
    client_of: Callable[[Person], Client], alice: Person, sam: Person
) -> None:
    set_up(client_of(alice))
    office, accounts = client_of(sam), "/office/accounts/user/"
    chosen = {"action": "take_second_step_away", "_selected_action": [alice.user_id]}
    asked = office.post(accounts, {**chosen, "index": "0"}).text
    assert "First make sure that the account holder is really the person asking." in asked
    assert f"<li>{alice.email}</li>" in asked
    assert Authenticator.objects.filter(user=alice.user).exists()
    office.post(accounts, {**chosen, "sure": "Take the second step away"})
    assert not Authenticator.objects.filter(user=alice.user).exists()
    assert HistoryEntry.objects.filter(act="second step removed").count() == 1
    assert OutgoingMail.objects.latest("pk").to == alice.email


@pytest.mark.parametrize("page", ["/office/password_change/", "/office/password_change/done/"])
def test_the_office_has_no_other_page_for_passwords(
    client_of: Callable[[Person], Client], sam: Person, page: str
) -> None:
    """Django's own would ask for no second step and tell nobody of the change."""
    office = client_of(sam)
    assert office.get(page)["Location"] == "/account/password/"
    new = {"old_password": factories.PASSWORD, "new_password1": "other words together"}
    office.post(page, {**new, "new_password2": "other words together"})
    sam.user.refresh_from_db()
    assert sam.user.check_password(factories.PASSWORD)


@pytest.mark.parametrize("seconds", [5, 31, 58])
def test_a_code_signs_in_once_however_long_it_fits(
    client_of: Callable[[Person], Client], alice: Person, seconds: int
) -> None:
    """RFC 6238, section 5.2. Whoever has seen it on the phone comes too late."""
    secret = set_up(client_of(alice))
    at = datetime.fromtimestamp(time.time() // 30 * 30 + 600, tz=UTC)
    first, second = Client(), Client()
    with time_machine.travel(at, tick=False):
        code = code_for(secret)
        for browser in (first, second):
            sign_in(browser, alice.email, factories.PASSWORD)
        assert first.post("/sign-in/second-step/", {"code": code}).status_code == 302
    with time_machine.travel(at + timedelta(seconds=seconds), tick=False):
        page = second.post("/sign-in/second-step/", {"code": code})
        assert page.status_code == 200
        assert "That code is not right" in page.text
