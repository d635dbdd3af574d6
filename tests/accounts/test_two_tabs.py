"""One browser, two tabs: who has signed in in one goes on from the other, never to a 403."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.accounts import urls
from portal.accounts.views.signed_in_already import OPENED_AGAIN, WAYS_IN
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import NEW, link_in
from tests.accounts.test_second_step import code_for, set_up
from tests.accounts.test_sign_in import code_of
from tests.accounts.test_sign_up import TYPED
from tests.answering import answered
from tests.people.test_inviting import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WANTED = "/account/?tab=1"
FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


class Tab:
    """A page that stays as it was when it was opened, in a browser shared with other tabs."""

    def __init__(self, browser: Client, path: str) -> None:
        self.browser = browser
        self.show(browser.get(path, follow=True))

    def show(self, page: Any) -> None:
        self.page = page
        self.path = page.request["PATH_INFO"]
        main = page.text.partition("<main")[2].partition("</main")[0]
        self.hidden = {name: value.replace("&amp;", "&") for name, value in FIELD.findall(main)}

    def send(self, **typed: str) -> Any:
        """Press the main button. Shows where it led, and answers with it."""
        answer = self.browser.post(self.path, {**self.hidden, **typed}, follow=True)
        answered(None)
        self.show(answer)
        return answer


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def sign_in(browser: Client, person: Person) -> Any:
    return Tab(browser, "/sign-in/").send(login=person.email, password=factories.PASSWORD)


def at_sign_in(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    typed = {"login": alice.email, "password": factories.PASSWORD}
    return Tab(browser, f"/sign-in/?next={WANTED}"), typed


def at_asking_for_a_code(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    return Tab(browser, f"/sign-in/code/?next={WANTED}"), {"email": alice.email}


def at_the_code(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    tab, typed = at_asking_for_a_code(browser, alice)
    tab.send(**typed)
    assert tab.path == "/sign-in/code/check/"
    return tab, {"code": code_of(OutgoingMail.objects.latest("pk")), "action": "verify"}


def at_another_code(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    tab, _ = at_the_code(browser, alice)
    return tab, {"action": "resend"}


def at_sign_up(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    return Tab(browser, f"/create-an-account/?next={WANTED}"), TYPED


def at_the_code_of_a_sign_up(browser: Client, alice: Person) -> tuple[Tab, dict[str, str]]:
    tab, typed = at_sign_up(browser, alice)
    tab.send(**typed)
    assert tab.path == "/create-an-account/check/"
    return tab, {"code": code_of(OutgoingMail.objects.latest("pk")), "action": "verify"}


WAYS = [
    at_sign_in,
    at_asking_for_a_code,
    at_the_code,
    at_another_code,
    at_sign_up,
    at_the_code_of_a_sign_up,
]
Way = Callable[[Client, Person], tuple[Tab, dict[str, str]]]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_form_of_the_older_tab_goes_on_to_where_the_person_wanted_to_go(
    browser: Client, alice: Person, bob: Person, way: Way
) -> None:
    tab, typed = way(browser, alice)
    sign_in(browser, bob)
    answer = tab.send(**typed)
    assert answer.redirect_chain == [(WANTED, 302)]
    assert answer.status_code == 200
    assert f"You are signed in already, as {bob.email}." in answer.text
    assert browser.session["_auth_user_id"] == str(bob.user_id)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_so_does_the_older_tab_when_it_is_opened_again(
    browser: Client, alice: Person, bob: Person, way: Way
) -> None:
    tab, _ = way(browser, alice)
    sign_in(browser, bob)
    again = browser.get(tab.path, {"next": WANTED}, follow=True)
    assert again.redirect_chain == [(WANTED, 302)]
    # With the token that it has then, too.
    fresh = Client()
    fresh.cookies = browser.cookies
    sent = fresh.post(tab.path, {"next": WANTED, "action": "verify", "code": "x"}, follow=True)
    assert sent.redirect_chain == [(WANTED, 302)]


def test_so_does_a_second_step(browser: Client, alice: Person) -> None:
    secret = set_up(factories.client_of(alice))
    tab, typed = at_sign_in(browser, alice)
    tab.send(**typed)
    assert tab.path == "/sign-in/second-step/"
    other = Tab(browser, "/sign-in/second-step/")
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        code = code_for(secret)
        assert other.send(code=code).redirect_chain == [(WANTED, 302)]
        answer = tab.send(code=code)
    assert answer.redirect_chain == [(WANTED, 302)]
    assert "You are signed in already" in answer.text


@pytest.mark.parametrize("form", ["/forgotten/", "/forgotten/address/"])
def test_so_does_who_had_forgotten_the_password(
    browser: Client, alice: Person, bob: Person, form: str
) -> None:
    tab = Tab(browser, "/forgotten/")
    sign_in(browser, bob)
    tab.path = form
    answer = tab.send(email=alice.email, number="100")
    assert answer.redirect_chain == [("/", 302)]
    assert "You are signed in already" in answer.text
    assert not OutgoingMail.objects.exists()


def test_without_a_page_in_mind_it_is_the_front_page(
    browser: Client, alice: Person, bob: Person
) -> None:
    tab = Tab(browser, "/sign-in/")
    sign_in(browser, bob)
    answer = tab.send(login=alice.email, password=factories.PASSWORD)
    assert answer.redirect_chain == [("/", 302)]


def test_it_leads_to_no_other_site(browser: Client, bob: Person) -> None:
    tab = Tab(browser, "/sign-in/?next=https://evil.example/")
    sign_in(browser, bob)
    assert tab.send(login="x", password="x").redirect_chain == [("/", 302)]


def test_a_link_is_still_of_use(browser: Client, alice: Person, bob: Person) -> None:
    ina = factories.person("Ina", "Invited", has_account=False, email="ina@example.org")
    answered(Client().post("/forgotten/", {"email": bob.email}))
    link = link_in(OutgoingMail.objects.latest("pk"))
    tabs = [
        (Tab(browser, link), {"password1": NEW}),
        (Tab(browser, f"/invitation/{token_of(ina)}/"), {"password": NEW}),
    ]
    sign_in(browser, alice)
    for tab, typed in tabs:
        answer = tab.send(**typed)
        assert answer.redirect_chain == [(tab.path, 302)]
        assert "You have since signed in in another tab. Enter it again." in answer.text
        assert tab.send(**typed).redirect_chain[-1] == ("/", 302)


def test_who_is_to_show_that_it_is_them_is_asked_again(browser: Client, alice: Person) -> None:
    sign_in(browser, alice)
    tab = Tab(browser, f"/sign-in/again/?next={WANTED}")
    Tab(browser, "/sign-out/").send()
    sign_in(browser, alice)
    tab.path = f"/sign-in/again/?next={WANTED}"
    answer = tab.send(password=factories.PASSWORD)
    assert answer.redirect_chain == [(f"/sign-in/again/?next={WANTED}", 302)]
    assert "Enter it again." in answer.text
    assert tab.send(password=factories.PASSWORD).redirect_chain == [(WANTED, 302)]


# With an older token, these forms of who is signed in are told to be too old.
OF_AN_ACCOUNT = {
    "account_logout",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
WITHOUT_FORM = {
    "account_inactive",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
}


def test_every_page_of_accounts_has_its_answer() -> None:
    names = {str(pattern.name) for pattern in urls.urlpatterns}
    told = WAYS_IN | OPENED_AGAIN | OF_AN_ACCOUNT | WITHOUT_FORM
    assert names - told == set()
    assert told - names == {"account_reset_password", "lost_address", "people:invitation"}


def test_who_is_not_signed_in_is_told_that_the_page_is_too_old(browser: Client) -> None:
    tab = Tab(browser, "/sign-in/")
    browser.cookies.clear()
    assert tab.send(login="x", password="x").status_code == 403
