"""Signing in: by password, by a code, with a second step; and what wrong attempts tell."""

from __future__ import annotations

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WRONG = "Your email address or password is wrong. Check both and try again"


def sign_in(client: Client, email: str, password: str, **more: str):
    return client.post("/sign-in/", {"login": email, "password": password, **more})


def code_of(mail: OutgoingMail) -> str:
    found = re.search(r"^    (\S+)$", words_of(mail).text, re.M)
    assert found
    return found[1]


def test_a_person_signs_in_and_lands_on_the_front_page(client: Client, alice: Person) -> None:
    answer = sign_in(client, "Alice@Example.org", factories.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Hello, Alice" in client.get("/").text


def test_a_lost_session_comes_back_to_where_the_person_was(client: Client, alice: Person) -> None:
    sent_away = client.get("/account/?tab=1")
    assert sent_away["Location"] == "/sign-in/?next=/account/%3Ftab%3D1"
    page = client.get(sent_away["Location"])
    assert 'name="next" value="/account/?tab=1"' in page.text
    answer = sign_in(client, alice.email, factories.PASSWORD, next="/account/?tab=1")
    assert answer["Location"] == "/account/?tab=1"


def test_next_never_leads_to_another_site(client: Client, alice: Person) -> None:
    answer = sign_in(client, alice.email, factories.PASSWORD, next="https://evil.example/")
    assert answer["Location"] == "/"


def test_what_is_missing_is_named(client: Client) -> None:
    page = sign_in(client, "", "").text
    assert page.count("Enter your email address") == 2
    assert page.count("Enter your password") == 2
    assert "<title>Error: Sign in" in page


def test_a_wrong_attempt_says_the_same_for_known_and_unknown(client: Client, alice: Person) -> None:
    known = sign_in(client, alice.email, "not-the-password")
    unknown = sign_in(client, "nobody@example.org", "not-the-password")
    assert known.status_code == unknown.status_code == 200
    for page in (known, unknown):
        assert page.context["form"].errors == {"password": [WRONG]}
        assert page.text.count(WRONG) == 2  # in the summary, which links to it, and at the field
        assert re.search(r'<a href="#id_password">\s*Your email address or password', page.text)
        assert re.search(r'<input type="password"[^>]*aria-invalid="true"', page.text)


def test_the_page_has_what_the_guide_names(client: Client, body) -> None:
    type(body).objects.update(sign_in_note="Your Members’ Zone login is separate.")
    page = client.get("/sign-in/").text
    for words in (
        "Sign in</span>",
        "Forgotten username / password?",
        "Email me a sign-in code",
        "Create an account",
        "Your Members’ Zone login is separate.",
        'autocomplete="current-password"',
    ):
        assert words in page, words


def test_too_many_wrong_passwords_are_stopped_for_a_while(client: Client, alice: Person) -> None:
    for _ in range(5):
        sign_in(client, alice.email, "not-the-password")
    page = sign_in(client, alice.email, factories.PASSWORD)
    assert (
        "There have been too many attempts to sign in with this address. Try again in 5 "
        "minutes, or choose “Email me a sign-in code”"
    ) in page.text
    assert ">Email me a sign-in code</a>" in page.text
    assert f'value="{alice.email}"' in page.text


def test_others_wrong_passwords_do_not_stop_a_browser_of_the_account(
    client: Client, alice: Person, bob: Person
) -> None:
    sign_in(client, alice.email, factories.PASSWORD)
    del client.cookies[settings.SESSION_COOKIE_NAME]
    for _ in range(5):
        sign_in(Client(), alice.email, "not-the-password")
        sign_in(Client(), bob.email, "not-the-password")
    assert "too many attempts" in sign_in(client, bob.email, factories.PASSWORD).text
    assert sign_in(client, alice.email, factories.PASSWORD)["Location"] == "/"


def test_its_own_wrong_passwords_do(client: Client, alice: Person) -> None:
    sign_in(client, alice.email, factories.PASSWORD)
    del client.cookies[settings.SESSION_COOKIE_NAME]
    for _ in range(5):
        sign_in(client, alice.email, "not-the-password")
    assert "too many attempts" in sign_in(client, alice.email, factories.PASSWORD).text
    assert "_auth_user_id" not in client.session


def test_a_code_by_email_signs_in(client: Client, alice: Person) -> None:
    answer = answered(client.post("/sign-in/code/", {"email": alice.email}, follow=True))
    assert answer.redirect_chain[-1][0] == "/sign-in/code/check/"
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject, mail.is_secret) == (alice.email, "Your sign-in code", True)
    assert code_of(mail) in words_of(mail).html
    client.post("/sign-in/code/check/", {"code": code_of(mail), "action": "verify"})
    assert client.session["_auth_user_id"] == str(alice.user_id)


def test_asking_for_a_code_shows_the_same_for_who_has_no_account(
    client: Client, alice: Person
) -> None:
    pages = []
    for email in (alice.email, "nobody@example.org"):
        page = answered(Client().post("/sign-in/code/", {"email": email}, follow=True))
        pages.append(re.sub(r'value="[\w-]{64}"', "", page.text.replace(email, "ADDRESS")))
    assert pages[0] == pages[1]
    unknown = OutgoingMail.objects.get(to="nobody@example.org")
    assert unknown.subject == "No account at this address yet"
    assert unknown.kind == "unknown_account"


def test_who_asked_for_a_code_may_use_the_password_after_all(client: Client, alice: Person) -> None:
    page = client.post(
        "/sign-in/code/", {"email": alice.email, "next": "/account/"}, follow=True
    ).text
    back = re.search(r'href="([^"]+)">Sign in with a password<', page)
    assert back
    page = client.get(html.unescape(back[1])).text
    assert "<h1>Sign in</h1>" in page
    assert 'name="next" value="/account/"' in page
    assert sign_in(client, alice.email, factories.PASSWORD)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(alice.user_id)


def test_a_code_that_was_asked_for_works_though_the_sign_in_page_was_opened_meanwhile(
    client: Client, alice: Person
) -> None:
    answered(client.post("/sign-in/code/", {"email": alice.email}))
    assert client.get("/sign-in/").status_code == 200
    code = code_of(OutgoingMail.objects.get())
    client.post("/sign-in/code/check/", {"code": code, "action": "verify"})
    assert client.session["_auth_user_id"] == str(alice.user_id)


def test_a_closed_account_does_not_open(client: Client, alice: Person) -> None:
    type(alice.user).objects.update(is_active=False)
    answer = sign_in(client, alice.email, factories.PASSWORD)
    assert answer["Location"] == "/sign-in/closed/"
    assert "This account is closed" in client.get(answer["Location"]).text
    assert client.get("/account/").status_code == 302


def test_signing_out_takes_a_press(client: Client, alice: Person) -> None:
    client.force_login(alice.user)
    assert "Do you want to sign out" in client.get("/sign-out/").text
    assert "_auth_user_id" in client.session
    answer = client.post("/sign-out/", follow=True)
    assert "You have signed out." in answer.text
    assert "_auth_user_id" not in client.session


def test_a_session_ends_with_the_browser(client: Client, alice: Person) -> None:
    answer = sign_in(client, alice.email, factories.PASSWORD)
    assert answer.cookies["portal_session"]["max-age"] == ""


def test_the_office_is_entered_through_our_page(client: Client, alice: Person, sam: Person) -> None:
    assert client.get("/office/", follow=True).redirect_chain[-1][0].startswith("/sign-in/?next=")
    client.force_login(alice.user)
    assert client.get("/office/", follow=True).status_code == 403
    client.force_login(sam.user)
    assert client.get("/office/").status_code == 200


def banner(page: str) -> str:
    """The words of the banner under the heading, with where its link leads."""
    found = re.search(
        r'</h1>\s*<div class="banner.*?<div class="banner__body">(.*?)</div>', page, re.S
    )
    words = re.sub(r'<a[^>]*href="([^"]*)"[^>]*>', r"\1 ", found[1]) if found else ""
    return " ".join(re.sub(r"<[^>]*>", " ", words).split())


def test_who_is_led_to_sign_in_is_told_why(client: Client, alice: Person) -> None:
    assert banner(client.get("/sign-in/").text) == ""
    assert banner(client.get("/sign-in/?next=/").text) == ""
    page = client.get("/account/", follow=True).text
    link = "/create-an-account/?next=%2Faccount%2F Create an account"
    assert banner(page) == f"Sign in to continue. No account? {link}"
    new = client.get("/create-an-account/?next=%2Faccount%2F").text
    assert 'name="next" value="/account/"' in new


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [
        (
            "/account/purchase-order/",
            {"number": "PO 7"},
            "You were signed out. Sign in and carry on. We have kept what you typed.",
        ),
        ("/basket/1/removal/", {}, "You were signed out. Sign in and carry on."),
    ],
)
def test_who_has_lost_the_session_is_told_what_is_kept(
    client: Client, alice: Person, address: str, typed: dict[str, str], words: str
) -> None:
    client.force_login(alice.user)
    client.get("/account/")
    client.cookies.pop(settings.SESSION_COOKIE_NAME)
    assert banner(client.post(address, typed, follow=True).text) == words
