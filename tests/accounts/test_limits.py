"""Each limit says which it is and how long to wait, and the page keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from portal.accounts.limits import (
    SENTENCES,
    Attempt,
    TooOften,
    count_attempt,
    count_from_network,
    minutes,
)
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import NEW, link_in
from tests.accounts.test_second_step import set_up
from tests.accounts.test_sign_in import code_of, sign_in
from tests.accounts.test_sign_up import TYPED
from tests.answering import answered
from tests.people.test_inviting import token_of

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2027-03-01T12:00:00+00:00")
EMAIL = "alice@example.org"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as travelling:
        yield travelling


def form_of(client: Client, path: str, **typed: str) -> Any:
    return client.post(path, typed, follow=True)


# By the limit: what hits it, its numbers in the settings, and what the page still has of what was
# typed.
WAYS: dict[Attempt, tuple[Callable[[Client], Any], str]] = {
    Attempt.PASSWORD: (lambda c: sign_in(c, EMAIL, "not-the-password"), EMAIL),
    Attempt.RESET: (lambda c: form_of(c, "/forgotten/", email=EMAIL), EMAIL),
    Attempt.SIGN_IN: (lambda c: form_of(c, "/sign-in/code/", email=EMAIL), EMAIL),
    Attempt.SIGN_UP: (lambda c: form_of(c, "/create-an-account/", **TYPED), TYPED["email"]),
    Attempt.LOST_ADDRESS: (lambda c: form_of(c, "/forgotten/address/", number="100"), "100"),
    Attempt.NEW_LINK: (lambda c: form_of(c, "/invitation/guess/renewal/"), ""),
    Attempt.SIGN_INS: (lambda c: sign_in(c, EMAIL, "not-the-password"), EMAIL),
    Attempt.SIGN_UPS: (lambda c: form_of(c, "/create-an-account/", **TYPED), TYPED["last_name"]),
    Attempt.LINKS: (lambda c: form_of(c, "/forgotten/", email=EMAIL), EMAIL),
    Attempt.CODES: (lambda c: form_of(c, "/sign-in/code/", email=EMAIL), EMAIL),
    Attempt.SEARCHES: (lambda c: form_of(c, "/forgotten/address/", number="100"), "100"),
    Attempt.INVITATIONS: (lambda c: form_of(c, "/invitation/guess/", password=NEW), ""),
}


@pytest.mark.parametrize("attempt", WAYS, ids=str)
def test_it_says_which_and_how_long_and_keeps_what_was_typed(
    attempt: Attempt, alice: Person, settings: Any, clock: Any
) -> None:
    hit, typed = WAYS[attempt]
    settings.ATTEMPT_LIMITS = {str(attempt): (2, 20 * 60)}
    hit(Client())
    clock.shift(timedelta(minutes=5))
    assert SENTENCES[attempt] not in hit(Client()).text
    clock.shift(timedelta(minutes=3))
    page = hit(Client()).text
    assert re.findall(rf"{re.escape(SENTENCES[attempt])} in \d+ minutes?", page)
    assert f"{SENTENCES[attempt]} in 12 minutes" in page
    assert typed in page
    # Having tried meanwhile makes nobody wait longer; and then one more is let through.
    clock.shift(timedelta(minutes=11, seconds=10))
    assert f"{SENTENCES[attempt]} in 1 minute" in hit(Client()).text
    clock.shift(timedelta(seconds=51))
    assert SENTENCES[attempt] not in hit(Client()).text
    assert f"{SENTENCES[attempt]} in 5 minutes" in hit(Client()).text


def test_so_do_the_ways_of_who_is_known(
    alice: Person, bob: Person, settings: Any, clock: Any
) -> None:
    settings.ATTEMPT_LIMITS = {"wrong_password": (1, 600), "second_step": (1, 600)}
    browser = factories.client_of(alice)
    browser.get("/account/")  # it becomes a device of hers
    typed = {"oldpassword": "not-the-password", "password1": NEW}
    browser.post("/account/password/", typed)
    said = f"{SENTENCES[Attempt.PASSWORD]} in 10 minutes"
    assert said in browser.post("/account/password/", typed).text
    clock.shift(timedelta(minutes=4))
    again = browser.post("/sign-in/again/", {"password": "not-the-password"}).text
    assert f"{SENTENCES[Attempt.PASSWORD]} in 6 minutes" in again
    clock.shift(timedelta(minutes=7))
    set_up(factories.client_of(bob))
    thief = Client()
    sign_in(thief, bob.email, factories.PASSWORD)
    page = "/sign-in/second-step/"
    thief.post(page, {"code": "000000"})
    said = f"{SENTENCES[Attempt.SECOND_STEP]} in 10 minutes"
    assert said in thief.post(page, {"code": "000000"}).text


def test_a_code_that_was_tried_too_often_from_a_network_works_later(
    alice: Person, settings: Any, clock: Any
) -> None:
    settings.ATTEMPT_LIMITS = {"code_tries_of_network": (1, 120)}
    check, browser = "/sign-in/code/check/", Client()
    answered(browser.post("/sign-in/code/", {"email": EMAIL}))
    browser.post(check, {"code": "BBBB-BBBB", "action": "verify"})
    typed = {"code": code_of(OutgoingMail.objects.get()), "action": "verify"}
    page = browser.post(check, typed)
    assert f"{SENTENCES[Attempt.CODE_TRIES]} in 2 minutes" in page.text
    assert f'value="{typed["code"]}"' in page.text
    clock.shift(timedelta(minutes=2))
    assert browser.post(check, typed)["Location"] == "/"


def test_an_invitation_is_answered_later_too(settings: Any, clock: Any) -> None:
    settings.ATTEMPT_LIMITS = {"invitations_of_network": (1, 180)}
    ina = factories.person("Ina", "Invited", has_account=False, email="ina@example.org")
    path = f"/invitation/{token_of(ina)}/"
    Client().post(path, {"password": ""})
    page = Client().post(path, {"password": NEW})
    assert f"{SENTENCES[Attempt.INVITATIONS]} in 3 minutes" in page.text
    assert "<h1>Set your password</h1>" in page.text
    clock.shift(timedelta(minutes=3))
    assert Client().post(path, {"password": NEW})["Location"] == "/"


def test_every_limit_has_its_numbers_and_its_own_sentence(settings: Any) -> None:
    assert set(SENTENCES) == set(Attempt) == {Attempt(name) for name in settings.ATTEMPT_LIMITS}
    mails = {Attempt.SIGN_UP, Attempt.CONFIRM, Attempt.NEW_LINK}  # one sentence for each kind
    own = [sentence for attempt, sentence in SENTENCES.items() if attempt not in mails]
    assert len(own) == len(set(own))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (719.5, "12 minutes")],
)
def test_a_wait_is_never_said_shorter_than_it_is(seconds: float, said: str) -> None:
    assert minutes(seconds) == said


# --- Who is counted together -----------------------------------------------------------------
def from_network(address: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    return request


def test_a_network_is_one_address_or_the_first_half_of_a_long_one(settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {"codes_of_network": (1, 60)}
    for address in ("203.0.113.1", "203.0.113.2", "2001:db8:1:2::1", "2001:db8:1:3::1"):
        count_from_network(from_network(address), Attempt.CODES)
    for address in ("203.0.113.1", "2001:db8:1:2:ffff::7"):
        with pytest.raises(TooOften):
            count_from_network(from_network(address), Attempt.CODES)


def test_what_is_counted_of_one_kind_or_address_counts_for_no_other(settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {"reset": (1, 60), "wrong_password": (1, 60)}
    request = from_network("203.0.113.1")
    for attempt in (Attempt.RESET, Attempt.PASSWORD):
        for email in ("a@example.org", "b@example.org"):
            count_attempt(request, attempt, email=email)
            with pytest.raises(TooOften):
                count_attempt(request, attempt, email=email.upper())


def test_a_clock_that_is_put_back_shuts_nobody_out(settings: Any, clock: Any) -> None:
    settings.ATTEMPT_LIMITS = {"codes_of_network": (1, 60)}
    request = from_network("203.0.113.1")
    count_from_network(request, Attempt.CODES)
    clock.shift(timedelta(hours=-3))
    count_from_network(request, Attempt.CODES)
    with pytest.raises(TooOften, match=r" in 1 minute$"):
        count_from_network(request, Attempt.CODES)


# --- A training room -------------------------------------------------------------------------
def test_thirty_people_in_ten_minutes_behind_one_address_are_let_in(clock: Any) -> None:
    """Ten accept an invitation, ten have forgotten their password, ten create an account; each
    mistypes something first."""
    for number in range(10):
        clock.shift(timedelta(seconds=55))
        room = [Client(REMOTE_ADDR="198.51.100.7") for _ in range(3)]
        email = f"invited{number}@example.org"
        path = (
            f"/invitation/{token_of(factories.person('I', 'I', has_account=False, email=email))}/"
        )
        room[0].post(path, {"password": "short"})
        assert room[0].post(path, {"password": NEW})["Location"] == "/"
        known = factories.person(f"K{number}", "Known")
        for _ in range(3):
            sign_in(room[1], known.email, "not-the-password")
        answered(room[1].post("/forgotten/", {"email": known.email}))
        page = room[1].get(link_in(OutgoingMail.objects.latest("pk")), follow=True)
        assert room[1].post(page.redirect_chain[-1][0], {"password1": NEW})["Location"] == "/"
        typed = {**TYPED, "email": f"new{number}@example.org"}
        room[2].post("/create-an-account/", {**typed, "password1": "short"})
        answered(room[2].post("/create-an-account/", typed))
        code = {"code": code_of(OutgoingMail.objects.latest("pk")), "action": "verify"}
        room[2].post("/create-an-account/check/", {"code": "BBBB-BBBB", "action": "verify"})
        assert room[2].post("/create-an-account/check/", code)["Location"] == "/"
        assert [client.get("/account/").status_code for client in room] == [200] * 3
    assert timezone.now() - START < timedelta(minutes=10)
