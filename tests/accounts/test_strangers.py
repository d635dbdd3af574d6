"""Nobody is shut out by others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portal.accounts.known_devices import MOST
from portal.accounts.limits import ENOUGH_CODES, ENOUGH_LINKS, SENTENCES, Attempt
from portal.accounts.models import User
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import NEW, link_in
from tests.accounts.test_second_step import code_for, set_up
from tests.accounts.test_sign_in import code_of, sign_in
from tests.accounts.test_sign_up import TYPED
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
CHECK = "/sign-in/code/check/"
ENOUGH = SENTENCES[Attempt.LOST_ADDRESS]
COOKIE = settings.DEVICE_COOKIE_NAME


def strangers(count: int = 18) -> list[Client]:
    """Each from an address of their own."""
    return [Client(REMOTE_ADDR=f"203.0.113.{number}") for number in range(1, count + 1)]


def attack(email: str, *, kinds: str = "password code reset sign-up") -> None:
    """Strangers use up whatever is counted at this address."""
    for stranger in strangers(6):
        if "password" in kinds:
            sign_in(stranger, email, "not-the-password")
        if "code" in kinds:
            answered(stranger.post("/sign-in/code/", {"email": email}))
        if "reset" in kinds:
            answered(stranger.post("/forgotten/", {"email": email}))
        if "sign-up" in kinds:
            answered(stranger.post("/create-an-account/", {**TYPED, "email": email}))


def device_of(person: Person) -> Client:
    """A browser in which the person has signed in, and out again."""
    client = Client()
    assert sign_in(client, person.email, factories.PASSWORD)["Location"] == "/"
    client.post("/sign-out/")
    return client


def is_in(client: Client, person: Person) -> bool:
    return client.session.get("_auth_user_id") == str(person.user_id)


# --- The device of the holder ----------------------------------------------------------------
def test_eighteen_strangers_stop_none_of_the_holders_ways(alice: Person) -> None:
    holder = device_of(alice)
    for stranger in strangers():
        sign_in(stranger, alice.email, "not-the-password")
        answered(stranger.post("/sign-in/code/", {"email": alice.email}))
        answered(stranger.post("/forgotten/", {"email": alice.email}))
    OutgoingMail.objects.all().delete()
    assert "too many attempts" in sign_in(Client(), alice.email, factories.PASSWORD).text

    answered(holder.post("/forgotten/", {"email": alice.email}))
    assert OutgoingMail.objects.get().kind == "password_reset_key"
    answered(holder.post("/sign-in/code/", {"email": alice.email}))
    code = code_of(OutgoingMail.objects.latest("pk"))
    holder.post(CHECK, {"code": code, "action": "verify"})
    assert is_in(holder, alice)
    holder.post("/sign-out/")
    assert sign_in(holder, alice.email, factories.PASSWORD)["Location"] == "/"


def test_their_own_attempts_are_limited_too(alice: Person) -> None:
    holder = device_of(alice)
    for _ in range(5):
        sign_in(holder, alice.email, "not-the-password")
        answered(holder.post("/forgotten/", {"email": alice.email}))
    assert "too many attempts" in sign_in(holder, alice.email, factories.PASSWORD).text
    assert ENOUGH_LINKS in holder.post("/forgotten/", {"email": alice.email}).text
    # They are the device's alone.
    assert sign_in(Client(), alice.email, factories.PASSWORD)["Location"] == "/"


def test_a_right_password_begins_anew(alice: Person) -> None:
    browser = Client()
    for _ in range(3):
        for _ in range(4):
            sign_in(browser, alice.email, "not-the-password")
        assert sign_in(browser, alice.email, factories.PASSWORD)["Location"] == "/"
        browser.post("/sign-out/")


def test_a_strangers_device_helps_them_with_their_own_account_alone(
    alice: Person, bob: Person
) -> None:
    attack(alice.email, kinds="password")
    assert "too many attempts" in sign_in(device_of(bob), alice.email, factories.PASSWORD).text


def test_a_cookie_that_is_not_ours_helps_nobody(alice: Person) -> None:
    attack(alice.email, kinds="password")
    for value in (f"name.{alice.user_id}", f"name.{alice.user_id}:a:b", "", "\u00e9", "." * 5000):
        browser = Client()
        browser.cookies[COOKIE] = value
        assert "too many attempts" in sign_in(browser, alice.email, factories.PASSWORD).text


def test_the_cookie_lasts_a_year_and_is_out_of_reach(
    alice: Person, client: Client, settings: object
) -> None:
    answer = sign_in(client, alice.email, factories.PASSWORD)
    cookie = answer.cookies[COOKIE]
    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True,
        "Lax",
        "/",
        "",
    )
    assert COOKIE not in client.get("/").cookies
    assert COOKIE not in client.post("/sign-out/").cookies
    assert client.cookies[COOKIE].value == cookie.value


def test_it_stays_with_another_password_and_names_the_newest_few(
    alice: Person, bob: Person
) -> None:
    browser = device_of(alice)
    others = [factories.person(f"P{n}", "Other") for n in range(MOST - 1)]
    for other in others:
        sign_in(browser, other.email, factories.PASSWORD)
        browser.post("/sign-out/")
    alice.user.set_password(NEW)
    alice.user.save()
    attack(alice.email, kinds="password")
    attack(bob.email, kinds="password")
    assert sign_in(browser, alice.email, NEW)["Location"] == "/"
    browser.post("/sign-out/")
    sign_in(browser, factories.person("One", "More").email, factories.PASSWORD)
    browser.post("/sign-out/")
    attack(others[0].email, kinds="password")
    assert "too many attempts" in sign_in(browser, others[0].email, factories.PASSWORD).text


def test_a_closed_account_makes_it_worthless(alice: Person) -> None:
    holder = device_of(alice)
    User.objects.update(is_active=False)
    attack(alice.email, kinds="password")
    assert "too many attempts" in sign_in(holder, alice.email, factories.PASSWORD).text


def test_who_is_signed_in_confirms_it_is_them_whatever_others_do(
    client: Client, alice: Person
) -> None:
    sign_in(client, alice.email, factories.PASSWORD)
    attack(alice.email, kinds="password")
    answer = client.post("/sign-in/again/", {"password": factories.PASSWORD})
    assert answer.status_code == 302


def test_a_second_step_is_counted_per_device(alice: Person) -> None:
    holder = device_of(alice)
    TOTP.activate(alice.user, generate_totp_secret())
    recovery = RecoveryCodes.activate(alice.user)
    thief, page = Client(), "/sign-in/second-step/"
    assert sign_in(thief, alice.email, factories.PASSWORD)["Location"] == page
    for _ in range(5):
        thief.post(page, {"code": "000000"})
    assert "too many attempts" in thief.post(page, {"code": "000000"}).text
    sign_in(holder, alice.email, factories.PASSWORD)
    holder.post(page, {"code": recovery.get_unused_codes()[0]})
    assert is_in(holder, alice)


# --- A mail already sent ---------------------------------------------------------------------
def test_every_link_that_was_mailed_sets_a_password(alice: Person) -> None:
    attack(alice.email)
    links = [link_in(mail) for mail in OutgoingMail.objects.filter(kind="password_reset_key")]
    assert len(links) == 5
    holder = Client()
    page = holder.get(links[0], follow=True)
    assert holder.post(page.redirect_chain[-1][0], {"password1": NEW})["Location"] == "/"
    assert is_in(holder, alice)
    assert "This link no longer works" in Client().get(links[1], follow=True).text
    assert sign_in(Client(), alice.email, NEW)["Location"] == "/"  # counted anew


def test_a_code_that_was_mailed_signs_in_who_was_sent_no_more(alice: Person) -> None:
    attack(alice.email)
    holder = Client()
    page = holder.post("/sign-in/code/", {"email": alice.email}, follow=True)
    assert page.redirect_chain == [(CHECK, 302)]
    assert ENOUGH_CODES in page.text
    codes = OutgoingMail.objects.filter(kind="login_code")
    assert codes.count() == 5
    holder.post(CHECK, {"code": code_of(codes.latest("pk")), "action": "verify"})
    assert is_in(holder, alice)


def test_so_does_one_to_create_an_account() -> None:
    attack(TYPED["email"])
    holder = Client()
    page = holder.post("/create-an-account/", {**TYPED, "first_name": "Nora"}, follow=True)
    assert ENOUGH_CODES in page.text
    codes = OutgoingMail.objects.filter(kind="email_confirmation_signup")
    typed = {"code": code_of(codes.latest("pk")), "action": "verify"}
    assert holder.post("/create-an-account/check/", typed)["Location"] == "/"
    assert Person.objects.get().first_name == "Nora"


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, email: client.post("/forgotten/", {"email": email}),
        lambda client, email: client.post("/sign-in/code/", {"email": email}, follow=True),
        lambda client, email: client.post(
            "/create-an-account/", {**TYPED, "email": email}, follow=True
        ),
        lambda client, email: sign_in(client, email, "not-the-password"),
    ],
)
def test_a_refusal_is_alike_for_whom_we_know_and_whom_we_do_not(
    alice: Person, ask: Callable[[Client, str], object]
) -> None:
    pages = []
    for email in (alice.email, "nobody@example.org"):
        attack(email)
        text = ask(Client(), email).text.replace(email, "ADDRESS")  # type: ignore[attr-defined]
        pages.append(re.sub(r'value="[\w-]{64}"', "", text))
    assert pages[0] == pages[1]


def test_a_new_code_is_counted_with_the_others(alice: Person) -> None:
    client = Client()
    for _ in range(4):
        answered(client.post("/sign-in/code/", {"email": alice.email}))
    for _ in range(2):
        answered(client.post(CHECK, {"action": "resend"}))
    assert OutgoingMail.objects.count() == 5
    assert ENOUGH_CODES in client.get(CHECK).text


def test_a_search_for_the_username_is_counted_apart_too(alice: Person) -> None:
    holder = device_of(alice)
    for stranger in strangers(4):
        stranger.post("/forgotten/address/", {"number": "100"})
    assert ENOUGH in Client().post("/forgotten/address/", {"number": "100"}).text
    answer = holder.post("/forgotten/address/", {"number": "100"})
    assert answer["Location"] == "/forgotten/address/sent/"


# --- A training room -------------------------------------------------------------------------
def test_thirty_people_behind_one_address_get_in() -> None:
    """Each mistypes the password twice, asks for a code, and signs in by it."""
    for number in range(30):
        person = factories.person(f"P{number}", "Person")
        browser = Client(REMOTE_ADDR="198.51.100.7")
        for _ in range(2):
            sign_in(browser, person.email, "not-the-password")
        answered(browser.post("/sign-in/code/", {"email": person.email}))
        code = code_of(OutgoingMail.objects.latest("pk"))
        browser.post(CHECK, {"code": code, "action": "verify"})
        assert is_in(browser, person), number


def test_a_sign_in_begun_with_an_old_password_uses_up_no_tries_at_the_second_step(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    secret = set_up(client_of(alice))
    thief, holder = Client(), Client()
    sign_in(thief, alice.email, factories.PASSWORD)
    user = User.objects.get(pk=alice.user_id)
    user.set_password("three quite new words")
    user.save()
    for _ in range(6):
        thief.post("/sign-in/second-step/", {"code": "000000"})

    sign_in(holder, alice.email, "three quite new words")
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        code = {"code": code_for(secret)}
        assert holder.post("/sign-in/second-step/", code)["Location"] == "/"
