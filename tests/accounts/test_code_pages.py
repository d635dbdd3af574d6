"""Pages that ask for a code: who is told to use one has one; what goes wrong uses up none; what is
over is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from portal.accounts.adapters import AccountAdapter
from portal.accounts.codes import WRONG_CODE
from portal.accounts.forms import SignUpCodeForm
from portal.accounts.limits import ENOUGH_CODES, ENOUGH_LINKS
from portal.accounts.models import MailedCode, User
from portal.accounts.opening_accounts import forget_unclaimed
from portal.accounts.views.signing_in import NO_ACCOUNT_ANY_MORE, NOTHING_TO_CONFIRM
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import NEW, link_in
from tests.accounts.test_second_step import code_for
from tests.accounts.test_sign_in import code_of, sign_in
from tests.accounts.test_sign_up import TYPED
from tests.answering import answered
from tests.concurrency.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SIGN_IN, SIGN_UP = "/sign-in/code/check/", "/create-an-account/check/"
FORGOTTEN = (
    "You did not confirm this sign-up in time, so we have deleted it. Create your account again."
)


def ask(browser: Client, path: str, **typed: str) -> Any:
    return answered(browser.post(path, typed, follow=True))


def verify(browser: Client, path: str, code: str) -> Any:
    return browser.post(path, {"code": code, "action": "verify"}, follow=True)


def newest_code() -> str:
    return code_of(OutgoingMail.objects.latest("pk"))


def waits_to_sign_in(browser: Client, alice: Person) -> str:
    ask(browser, "/sign-in/code/", email=alice.email)
    return SIGN_IN


def waits_to_sign_up(browser: Client, alice: Person) -> str:
    ask(browser, "/create-an-account/", **TYPED)
    return SIGN_UP


def waits_to_confirm(browser: Client, alice: Person) -> str:
    """By the password of an account that nobody has confirmed."""
    User.objects.create_user("nora@example.org", NEW)
    answered(sign_in(browser, "nora@example.org", NEW))
    return SIGN_UP


WAYS = pytest.mark.parametrize(
    "wait", [waits_to_sign_in, waits_to_sign_up, waits_to_confirm], ids=lambda way: way.__name__
)
Wait = Callable[[Client, Person], str]


# --- A code is used up with what it lets do --------------------------------------------------
@WAYS
def test_a_sign_in_that_fails_leaves_the_code_as_good_as_before(
    client: Client, alice: Person, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = wait(client, alice)
    code = newest_code()

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(AccountAdapter, "post_login", away)
        assert verify(client, check, code).status_code in {500, 503}
    assert "_auth_user_id" not in client.session
    assert MailedCode.objects.count() == 1
    assert verify(client, check, code).redirect_chain == [("/", 302)]
    assert "_auth_user_id" in client.session
    assert not MailedCode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_windows_at_once_one_is_let_in_by_a_code(body: object) -> None:
    alice, browsers = factories.alice(), [Client(), Client()]
    for browser in browsers:
        ask(browser, "/sign-in/code/", email=alice.email)
    code = newest_code()
    pages = together([partial(verify, browser, SIGN_IN, code) for browser in browsers])
    assert sorted(page.redirect_chain for page in pages) == [[], [("/", 302)]]
    assert sum("_auth_user_id" in browser.session for browser in browsers) == 1
    assert sum(page.text.count(WRONG_CODE) for page in pages) == 2


# --- Who is told to use one has one ----------------------------------------------------------
@WAYS
def test_whoever_gets_it_wrong_can_have_a_new_one_sent(
    client: Client, alice: Person, wait: Wait
) -> None:
    check = wait(client, alice)
    page = verify(client, check, "BBBB-BBBB")
    assert page.text.count(WRONG_CODE) == 2
    assert "Send a new code" in page.text
    assert ENOUGH_CODES not in ask(client, check, action="resend").text
    assert OutgoingMail.objects.count() == 2
    assert verify(client, check, newest_code()).redirect_chain[-1] == ("/", 302)


@WAYS
def test_a_new_one_may_be_asked_for_as_often_as_the_limit_lets(
    client: Client, alice: Person, wait: Wait
) -> None:
    check = wait(client, alice)
    for _ in range(4):
        page = ask(client, check, action="resend")
        assert ENOUGH_CODES not in page.text
        assert "Send a new code" in page.text
    assert OutgoingMail.objects.count() == 5
    page = ask(client, check, action="resend")
    assert ENOUGH_CODES in page.text
    assert OutgoingMail.objects.count() == 5
    assert verify(client, check, newest_code()).redirect_chain[-1] == ("/", 302)


def test_who_has_used_them_up_is_sent_another(client: Client, alice: Person) -> None:
    """Five times in and out, by code and by link: the sixth time there is a mail again."""
    for _ in range(6):
        ask(client, "/sign-in/code/", email=alice.email)
        assert verify(client, SIGN_IN, newest_code()).redirect_chain == [("/", 302)]
        client.post("/sign-out/")
    assert OutgoingMail.objects.count() == 6
    for number in range(6):
        page = ask(client, "/forgotten/", email=alice.email)
        assert ENOUGH_LINKS not in page.text
        link = client.get(link_in(OutgoingMail.objects.latest("pk")), follow=True)
        client.post(link.redirect_chain[-1][0], {"password1": f"{NEW} {number}"})
        assert "_auth_user_id" in client.session
        client.post("/sign-out/")


def test_signing_in_by_password_puts_the_links_out_of_use_and_new_ones_are_sent(
    alice: Person,
) -> None:
    browser = Client()
    for _ in range(5):
        ask(browser, "/forgotten/", email=alice.email)
    assert ENOUGH_LINKS in ask(browser, "/forgotten/", email=alice.email).text
    sign_in(browser, alice.email, factories.PASSWORD)
    browser.post("/sign-out/")
    assert ENOUGH_LINKS not in ask(browser, "/forgotten/", email=alice.email).text
    link = link_in(OutgoingMail.objects.latest("pk"))
    assert "Set a new password</h1>" in browser.get(link, follow=True).text


@pytest.mark.parametrize(
    ("ask_path", "typed", "check"),
    [
        ("/sign-in/code/", {"email": "nobody@example.org"}, SIGN_IN),
        ("/create-an-account/", {**TYPED, "email": "alice@example.org"}, SIGN_UP),
    ],
)
def test_a_page_whose_mail_has_no_code_says_what_such_a_mail_says(
    client: Client, alice: Person, ask_path: str, typed: dict[str, str], check: str
) -> None:
    ask(client, ask_path, **typed)
    page = verify(client, check, "BBBB-BBBB").text
    assert WRONG_CODE in page
    assert "If the email has no code, it says how to get in." in page


# --- What is over ----------------------------------------------------------------------------
def test_an_account_that_was_forgotten_meanwhile_is_told(client: Client, alice: Person) -> None:
    check = waits_to_confirm(client, alice)
    code = newest_code()
    assert forget_unclaimed(at=timezone.now() + timedelta(days=8)) == 1
    page = verify(client, check, code)
    assert page.redirect_chain == [("/create-an-account/", 302)]
    assert FORGOTTEN in page.text
    assert FORGOTTEN in client.get(check, follow=True).text


def test_so_is_one_that_is_forgotten_at_that_very_moment(
    client: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = waits_to_confirm(client, alice)
    code = newest_code()
    real = SignUpCodeForm.use_up

    def forgotten_first(form: SignUpCodeForm) -> None:
        User.objects.unclaimed().delete()
        real(form)

    monkeypatch.setattr(SignUpCodeForm, "use_up", forgotten_first)
    page = verify(client, check, code)
    assert page.redirect_chain == [("/create-an-account/", 302)]
    assert FORGOTTEN in page.text
    assert "_auth_user_id" not in client.session


def test_so_is_a_sign_up_whose_words_have_gone(client: Client, alice: Person) -> None:
    check = waits_to_sign_up(client, alice)
    session = client.session
    del session["sign_up"]
    session.save()
    page = verify(client, check, newest_code())
    assert page.redirect_chain == [("/create-an-account/", 302)]
    assert FORGOTTEN in page.text


@pytest.mark.parametrize("action", ["verify", "resend", ""])
def test_so_is_what_was_never_begun(client: Client, action: str) -> None:
    page = client.post(SIGN_UP, {"code": "x", "action": action}, follow=True)
    assert page.redirect_chain == [("/sign-in/", 302)]
    assert NOTHING_TO_CONFIRM in page.text
    assert NOTHING_TO_CONFIRM in client.get(SIGN_UP, follow=True).text


def test_no_code_is_sent_for_what_was_forgotten(client: Client, alice: Person) -> None:
    check = waits_to_confirm(client, alice)
    User.objects.unclaimed().delete()
    page = ask(client, check, action="resend")
    assert page.redirect_chain == [("/create-an-account/", 302)]
    assert FORGOTTEN in page.text
    assert OutgoingMail.objects.count() == 1


def test_who_was_deleted_since_the_code_was_sent_is_told(client: Client, alice: Person) -> None:
    waits_to_sign_in(client, alice)
    code = newest_code()
    Person.objects.filter(pk=alice.pk).update(user=None)
    User.objects.filter(pk=alice.user_id).delete()
    page = verify(client, SIGN_IN, code)
    assert page.redirect_chain == [("/sign-in/", 302)]
    assert NO_ACCOUNT_ANY_MORE in page.text


# --- The key of a second step ----------------------------------------------------------------
def shown_key(browser: Client) -> str:
    page = browser.get("/account/second-step/app/").text
    return page.partition('qr-code__key">')[2].partition("<")[0].replace(" ", "")


def test_the_key_stays_until_it_is_used_or_ten_minutes_old(alice: Person) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        browser = factories.client_of(alice)
        browser.post("/sign-in/again/", {"password": factories.PASSWORD})
        first = shown_key(browser)
        assert len(first) == 32
        clock.shift(timedelta(minutes=4))
        assert shown_key(browser) == first
        browser.post("/account/second-step/app/", {"code": "000000"})
        assert shown_key(browser) == first
        clock.shift(timedelta(minutes=7))
        browser.post("/sign-in/again/", {"password": factories.PASSWORD})
        second = shown_key(browser)
        assert second != first
        # What is sent is for the key that was shown, however long that took.
        clock.shift(timedelta(minutes=11))
        browser.post("/sign-in/again/", {"password": factories.PASSWORD})
        answer = browser.post("/account/second-step/app/", {"code": code_for(second)})
        assert answer["Location"].startswith("/account/second-step/codes/")
        clock.shift(timedelta(minutes=2))
        browser.post("/sign-in/again/second-step/", {"code": code_for(second)})
        browser.post("/account/second-step/app/removal/")
        browser.post("/sign-in/again/", {"password": factories.PASSWORD})
        assert shown_key(browser) not in {first, second}
