"""A second step that was sealed with a secret key that is gone counts as not set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts.models import User
from portal.accounts.readiness import missing
from portal.accounts.second_step import has_second_step
from portal.core.dates import today
from portal.core.machine.sealing import seal
from portal.core.models import Body, HistoryEntry, OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_second_step import code_for, enter, set_up
from tests.accounts.test_sessions import ITS_PAGES
from tests.accounts.test_sign_in import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PURPOSE = "second step"


@pytest.fixture
def required(body: object) -> None:
    Body.objects.update(staff_second_step=True)


@pytest.fixture
def new_key(settings: Any) -> Callable[[], None]:
    """Call it: from then on the portal has another secret key, and the old one is gone."""

    def change() -> None:
        settings.SECRET_KEY = "another-key-" * 6
        settings.SECRET_KEY_FALLBACKS = []

    return change


@pytest.fixture
def lost(
    client_of: Callable[[Person], Client], sam: Person, required: None, new_key: Callable[[], None]
) -> str:
    """Sam's second step, which nobody can read any more; the secret that his phone has."""
    secret = set_up(client_of(sam))
    new_key()
    return secret


def test_staff_sign_in_and_are_led_to_set_it_up_anew(sam: Person, lost: str) -> None:
    browser = Client()

    assert sign_in(browser, sam.email, factories.PASSWORD, next="/office/")["Location"] == (
        "/office/"
    )
    led = browser.get("/office/")["Location"]
    assert led == "/account/second-step/app/?next=%2Foffice%2F"
    page = browser.get(led).text
    assert "<h1>Set up the second step</h1>" in page
    secret = page.partition('qr-code__key">')[2].partition("<")[0].replace(" ", "")
    browser.post(led, {"code": code_for(secret)})

    assert browser.get("/office/").status_code == 200
    assert has_second_step(sam.user_id)
    assert Authenticator.objects.filter(user=sam.user).count() == 2  # the app and its codes
    again = Client()
    sign_in(again, sam.email, factories.PASSWORD)
    assert enter(again, "/sign-in/second-step/", lost).status_code == 200
    assert enter(again, "/sign-in/second-step/", secret)["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_the_holder_is_told_of_the_new_one(
    client_of: Callable[[Person], Client], sam: Person, new_key: Callable[[], None]
) -> None:
    set_up(client_of(sam))
    new_key()
    OutgoingMail.objects.all().delete()

    set_up(client_of(sam))

    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (sam.email, "The second step is now part of your sign-in")
    assert HistoryEntry.objects.filter(act="second step set up").count() == 2


def test_what_was_left_goes_only_with_the_new_one(
    client_of: Callable[[Person], Client], sam: Person, lost: str, settings: Any
) -> None:
    """A key that was left out by mistake is put back, and all is as before."""
    browser = Client()
    sign_in(browser, sam.email, factories.PASSWORD)
    browser.get("/account/second-step/app/")
    browser.post("/account/second-step/app/", {"code": "000000"})
    browser.get("/account/second-step/")

    settings.SECRET_KEY_FALLBACKS = ["tests-only-" * 6]

    assert has_second_step(sam.user_id)
    again = Client()
    sign_in(again, sam.email, factories.PASSWORD)
    assert enter(again, "/sign-in/second-step/", lost)["Location"] == "/"


@pytest.mark.parametrize("page", ITS_PAGES[1:])
@pytest.mark.parametrize("method", ["get", "post"])
def test_its_pages_lead_members_to_the_one_that_says_so(
    client_of: Callable[[Person], Client],
    alice: Person,
    new_key: Callable[[], None],
    page: str,
    method: str,
) -> None:
    set_up(client_of(alice))
    new_key()
    browser = factories.proven_client_of(alice)

    assert getattr(browser, method)(page)["Location"] == "/account/second-step/"
    shown = browser.get("/account/second-step/").text
    assert "the portal can no longer read it" in shown
    assert 'href="/account/second-step/app/"' in shown
    assert "Not set up" not in browser.get("/account/").text
    assert Authenticator.objects.filter(user=alice.user).count() == 2
    set_up(browser)
    assert browser.get("/account/second-step/codes/").status_code == 200


@pytest.mark.parametrize("stands", ["", "x", "gAAAAA", "sealed for something else"])
def test_whatever_else_stands_there_is_no_second_step(alice: Person, stands: str) -> None:
    other = stands == "sealed for something else"
    sealed = seal("JBSWY3DP", purpose="mail") if other else stands
    Authenticator.objects.create(user=alice.user, type="totp", data={"secret": sealed})

    assert not has_second_step(alice.user_id)
    assert sign_in(Client(), alice.email, factories.PASSWORD)["Location"] == "/"


def test_recovery_codes_made_since_are_none_of_an_app_that_is_gone(
    client_of: Callable[[Person], Client], alice: Person, new_key: Callable[[], None]
) -> None:
    set_up(client_of(alice))
    new_key()
    codes = Authenticator.objects.filter(user=alice.user, type="recovery_codes")
    codes.update(data={"seed": seal("0" * 80, purpose=PURPOSE), "used_mask": 0})

    assert sign_in(Client(), alice.email, factories.PASSWORD)["Location"] == "/"
    browser = factories.proven_client_of(alice)
    assert browser.get("/account/second-step/codes/")["Location"] == "/account/second-step/"


# --- Only the recovery codes cannot be read -----------------------------------------------------
@pytest.fixture
def without_codes(client_of: Callable[[Person], Client], alice: Person) -> str:
    """Alice's app goes on. On PostgreSQL what was changed last comes last: the app, here."""
    secret = set_up(client_of(alice))
    rows = Authenticator.objects.filter(user=alice.user)
    rows.filter(type="recovery_codes").update(data={"seed": "x", "used_mask": 0})
    app = rows.get(type="totp")
    rows.filter(type="totp").delete()
    Authenticator.objects.create(user=alice.user, type="totp", data=app.data)
    return secret


def test_the_app_is_still_asked_for(alice: Person, without_codes: str) -> None:
    browser = Client()
    assert sign_in(browser, alice.email, factories.PASSWORD)["Location"] == "/sign-in/second-step/"

    for wrong in ("00000000", "000000"):
        page = browser.post("/sign-in/second-step/", {"code": wrong})
        assert "That code is not right." in page.text

    assert enter(browser, "/sign-in/second-step/", without_codes)["Location"] == "/"


def test_the_pages_say_that_new_codes_are_needed(
    client_of: Callable[[Person], Client], alice: Person, without_codes: str
) -> None:
    browser = client_of(alice)
    enter(browser, "/sign-in/again/second-step/", without_codes)

    assert "You have 0 left." in browser.get("/account/second-step/").text
    assert "no longer read your codes" in browser.get(ITS_PAGES[2]).text
    assert browser.get(ITS_PAGES[4])["Location"] == ITS_PAGES[2]
    assert "<h1>Make new recovery codes</h1>" in browser.get(ITS_PAGES[3]).text
    browser.post(ITS_PAGES[3])
    assert browser.get(ITS_PAGES[2]).text.count("<code>") == 10


# --- The office notices -------------------------------------------------------------------------
def test_it_is_told_how_many_of_the_staff_are_concerned(
    client_of: Callable[[Person], Client],
    sam: Person,
    alice: Person,
    required: None,
    new_key: Callable[[], None],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    tom = factories.person("Tom", "Taylor", is_staff=True)
    closed = factories.person("Cleo", "Closed", is_staff=True)
    factories.administrator()
    for who in (sam, tom, closed, alice):
        set_up(client_of(who))
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    assert missing(today()) == []
    new_key()

    with django_assert_num_queries(2):
        told = missing(today())
    assert told[0].startswith(
        "The second step of sam@example.org, tom.taylor@example.org cannot be read"
    )
    browser = client_of(sam)
    set_up(browser)

    assert (
        "The second step of tom.taylor@example.org cannot be read" in browser.get("/office/").text
    )
    accounts = browser.get("/office/accounts/user/").text
    assert accounts.count("Cannot be read: its secret key is gone") == 3  # alice's and closed's too
    assert accounts.count(">Set up<") == 1
    set_up(client_of(tom))
    assert missing(today()) == []
