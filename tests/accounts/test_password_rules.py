"""Forgotten, changed and set passwords."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.accounts.limits import ENOUGH_LINKS
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_in import sign_in
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEW = "three quite new words"


def link_in(mail: OutgoingMail) -> str:
    found = re.search(r"http://localhost:8000(/forgotten/\S+-\S+/)", words_of(mail).text)
    assert found
    return found[1]


def ask(client: Client, email: str):
    return answered(client.post("/forgotten/", {"email": email}))


def test_a_new_password_by_the_link_of_the_mail(client: Client, alice: Person) -> None:
    elsewhere = factories.client_of(alice)
    assert ask(client, alice.email)["Location"] == "/forgotten/sent/"
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject, mail.is_secret) == (alice.email, "Set a new password", True)
    page = client.get(link_in(mail), follow=True)
    assert link_in(mail) not in page.redirect_chain[-1][0]
    answer = client.post(page.redirect_chain[-1][0], {"password1": NEW}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert "You have changed your password." in answer.text
    assert "Hello, Alice" in answer.text
    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert elsewhere.get("/account/").status_code == 302
    assert OutgoingMail.objects.latest("pk").kind == "account_changed"


def test_the_link_works_once(client: Client, alice: Person) -> None:
    ask(client, alice.email)
    link = link_in(OutgoingMail.objects.get())
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW})
    again = Client().get(link, follow=True)
    assert "This link no longer works" in again.text
    assert "Ask for a new link" in again.text


def test_the_link_works_for_a_day(client: Client, alice: Person) -> None:
    ask(client, alice.email)
    link = link_in(OutgoingMail.objects.get())
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert "Set a new password</h1>" in client.get(link, follow=True).text
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert "This link no longer works" in Client().get(link, follow=True).text


def test_the_answer_is_the_same_whoever_it_is(client: Client, alice: Person) -> None:
    factories.person("Ina", "Invited", has_account=False, email="ina@example.org")
    type(alice.user).objects.create_user("squatted@example.org", "some words of another")
    pages = set()
    for email in (alice.email, "ina@example.org", "squatted@example.org", "none@example.org"):
        answer = ask(client, email)
        page = client.get(answer["Location"]).text
        pages.add((answer.status_code, answer["Location"], re.sub(r'value="\w{64}"', "", page)))
    assert len(pages) == 1
    sent = dict(OutgoingMail.objects.values_list("to", "kind"))
    assert sent == {
        alice.email: "password_reset_key",
        "ina@example.org": "invitation",
        "squatted@example.org": "unknown_account",
        "none@example.org": "unknown_account",
    }


def test_a_closed_account_is_told_by_mail_alone(client: Client, alice: Person) -> None:
    type(alice.user).objects.filter(pk=alice.user_id).update(is_active=False)
    assert ask(client, alice.email)["Location"] == "/forgotten/sent/"
    mail = OutgoingMail.objects.get()
    assert mail.kind == "account_closed"
    assert "/forgotten/" not in words_of(mail).text


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_asking_too_often_is_told_and_sends_no_more(
    client: Client, alice: Person, email: str
) -> None:
    for _ in range(5):
        ask(client, email)
    page = ask(client, email).text
    assert page.count(ENOUGH_LINKS) == 2
    assert OutgoingMail.objects.count() == 5


def test_changing_it_takes_the_current_one(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    here, elsewhere = client_of(alice), client_of(alice)
    page = here.post("/account/password/", {"oldpassword": "wrong", "password1": NEW})
    assert "That is not your current password. Enter it again" in page.text
    answer = here.post(
        "/account/password/", {"oldpassword": factories.PASSWORD, "password1": NEW}, follow=True
    )
    assert answer.redirect_chain == [("/account/", 302)]
    assert "You have changed your password." in answer.text
    assert elsewhere.get("/account/").status_code == 302
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (alice.email, "Your password was changed")
    assert words_of(mail).text.count("http://localhost:8000/forgotten/") == 1


def test_who_has_none_sets_one(client_of: Callable[[Person], Client], alice: Person) -> None:
    alice.user.set_unusable_password()
    alice.user.save()
    browser = client_of(alice)
    assert "None: you sign in with codes by email" in browser.get("/account/").text
    answer = browser.post("/account/password/new/", {"password1": NEW}, follow=True)
    assert "Your password is set." in answer.text
    assert sign_in(Client(), alice.email, NEW)["Location"] == "/"


def test_the_address_in_the_mail_is_the_portals_own(client: Client, alice: Person) -> None:
    answered(client.post("/forgotten/", {"email": alice.email}, HTTP_HOST="127.0.0.1"))
    assert "http://localhost:8000/forgotten/" in words_of(OutgoingMail.objects.get()).text
    assert "127.0.0.1" not in words_of(OutgoingMail.objects.get()).text


# --- The person's own name -------------------------------------------------------------------
LIKE_THE_NAME = "Choose a password that is less like your name or email address"


@pytest.fixture
def dora() -> Person:
    """Imported: her account knows no name, and her address does not tell it."""
    return factories.person("Dora", "Elliott", email="office@example.org")


@pytest.mark.parametrize("password", ["dora elliott 1", "DoraElliott", "elliott999"])
def test_it_is_not_changed_to_ones_own_name(
    client_of: Callable[[Person], Client], dora: Person, password: str
) -> None:
    typed = {"oldpassword": factories.PASSWORD, "password1": password}
    page = client_of(dora).post("/account/password/", typed)
    assert page.text.count(LIKE_THE_NAME) == 2
    dora.user.refresh_from_db()
    assert dora.user.check_password(factories.PASSWORD)


def test_nor_set_to_it_at_first(client_of: Callable[[Person], Client], dora: Person) -> None:
    dora.user.set_unusable_password()
    dora.user.save()
    page = client_of(dora).post("/account/password/new/", {"password1": "dora elliott 1"})
    assert page.text.count(LIKE_THE_NAME) == 2


def test_nor_by_the_link_of_the_mail(client: Client, dora: Person) -> None:
    ask(client, dora.email)
    form = client.get(link_in(OutgoingMail.objects.get()), follow=True).redirect_chain[-1][0]
    assert client.post(form, {"password1": "dora elliott 1"}).text.count(LIKE_THE_NAME) == 2
    assert client.post(form, {"password1": NEW}).status_code == 302


def test_a_name_among_other_words_is_no_harm(
    client_of: Callable[[Person], Client], dora: Person
) -> None:
    typed = {"oldpassword": factories.PASSWORD, "password1": "dora likes seven red boats"}
    assert client_of(dora).post("/account/password/", typed).status_code == 302
