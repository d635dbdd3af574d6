"""Codes hold for ten minutes from when their mail has gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.accounts.codes import FORGOTTEN_AFTER, WRONG_CODE, CodeWrong, forget_codes, use_code
from portal.accounts.limits import ENOUGH_CODES
from portal.accounts.models import MailedCode, User
from portal.core.mail.sending import send_due_mail
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests.accounts.test_sign_in import code_of
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ALICE = "alice@example.org"
TOO_OLD = "That code is more than 10 minutes old. Ask for a new one"
WRONG = WRONG_CODE
NELL = {
    "first_name": "Nell",
    "last_name": "New",
    "email": "nell@example.org",
    "password1": "three words together",
}


def ask_to_sign_in(client: Client):
    return client.post("/sign-in/code/", {"email": "alice@example.org"})


def ask_to_sign_up(client: Client):
    return client.post("/create-an-account/", NELL)


WAYS = pytest.mark.parametrize(
    ("ask", "check"),
    [
        (ask_to_sign_in, "/sign-in/code/check/"),
        (ask_to_sign_up, "/create-an-account/check/"),
    ],
)


@pytest.fixture(autouse=True)
def folder(alice: Person, settings: object, tmp_path: object) -> None:
    settings.MAIL_FOLDER = tmp_path  # type: ignore[attr-defined]


def code_sent(at: datetime) -> str:
    """The code of the newest mail, which goes out now."""
    code = code_of(OutgoingMail.objects.latest("pk"))
    with time_machine.travel(at):
        assert send_due_mail() == 1
    return code


@WAYS
@pytest.mark.parametrize(("minutes", "is_good"), [(0, True), (9, True), (11, False)])
def test_it_counts_from_the_mail_not_from_the_request(
    client: Client, ask: Callable[[Client], object], check: str, minutes: int, is_good: bool
) -> None:
    asked = timezone.now()
    answered(ask(client))
    sent = asked + timedelta(minutes=30)
    code = code_sent(sent)
    with time_machine.travel(sent + timedelta(minutes=minutes)):
        answer = client.post(check, {"code": code, "action": "verify"})
    assert ("_auth_user_id" in client.session) is is_good
    if is_good:
        assert answer["Location"] == "/"
    else:
        assert answer.text.count(TOO_OLD) == 2


@WAYS
def test_a_new_code_counts_anew(
    client: Client, ask: Callable[[Client], object], check: str
) -> None:
    answered(ask(client))
    now = timezone.now()
    first = code_sent(now)
    later = now + timedelta(minutes=8)
    with time_machine.travel(later):
        page = answered(client.post(check, {"action": "resend"}, follow=True))
    assert page.redirect_chain == [(check, 302)]
    assert ENOUGH_CODES not in page.text
    second = code_sent(later + timedelta(seconds=1))
    assert second != first
    with time_machine.travel(now + timedelta(minutes=17)):
        assert TOO_OLD in client.post(check, {"code": first, "action": "verify"}).text
        assert client.post(check, {"code": second, "action": "verify"})["Location"] == "/"


@WAYS
def test_the_page_says_how_long(
    client: Client, ask: Callable[[Client], object], check: str
) -> None:
    answered(ask(client))
    assert "works for 10 minutes." in client.get(check).text
    mail = OutgoingMail.objects.get()
    assert "It works for 10 minutes." in words_of(mail).text
    assert "It works for 10 minutes." in words_of(mail).html


@WAYS
def test_it_works_once_and_for_its_address_and_kind_alone(
    client: Client, ask: Callable[[Client], object], check: str
) -> None:
    answered(ask(client))
    code = code_sent(timezone.now())
    other = Client()
    other.post("/sign-in/code/", {"email": "bob@example.org"})
    other.post("/create-an-account/", {**NELL, "email": "bob@example.org"})
    for path in ("/sign-in/code/check/", "/create-an-account/check/"):
        answer = other.post(path, {"code": code, "action": "verify"})
        assert answer.status_code == 302 or WRONG in answer.text
    assert "_auth_user_id" not in other.session
    typed = {"code": f" {code.lower().replace('-', ' ')} ", "action": "verify"}
    assert client.post(check, typed)["Location"] == "/"
    assert not MailedCode.objects.exists()
    again = Client()
    ask(again)
    assert again.post(check, {"code": code, "action": "verify"}).text.count(WRONG) == 2


@WAYS
def test_three_wrong_ones_end_it(
    client: Client, ask: Callable[[Client], object], check: str
) -> None:
    answered(ask(client))
    code = code_sent(timezone.now())
    for _ in range(2):
        assert WRONG in client.post(check, {"code": "BBBB-BBBB", "action": "verify"}).text
    last = client.post(check, {"code": "BBBB-BBBB", "action": "verify"}, follow=True)
    assert "You entered a wrong code three times. Send this form again for a new one" in last.text
    assert client.post(check, {"code": code, "action": "verify"}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_closed_account_opens_by_no_code(client: Client) -> None:
    answered(ask_to_sign_in(client))
    code = code_sent(timezone.now())
    User.objects.update(is_active=False)
    answer = client.post("/sign-in/code/check/", {"code": code, "action": "verify"})
    assert answer["Location"] == "/sign-in/closed/"
    assert "_auth_user_id" not in client.session


def test_its_digest_is_forgotten_and_tells_nothing(client: Client) -> None:
    answered(ask_to_sign_in(client))
    code = code_of(OutgoingMail.objects.get())
    assert code.replace("-", "") not in str(MailedCode.objects.values().get()).upper()
    sent = timezone.now()
    assert forget_codes(at=sent + FORGOTTEN_AFTER * 2) == 0  # its mail still waits
    OutgoingMail.objects.update(sent_at=sent)
    assert forget_codes(at=sent + FORGOTTEN_AFTER) == 0
    assert forget_codes(at=sent + FORGOTTEN_AFTER + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_code_outlives_a_change_of_the_key_that_it_was_made_with(
    client: Client, settings: Any, kept: bool
) -> None:
    answered(ask_to_sign_in(client))
    code = code_of(OutgoingMail.objects.get())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = "another key of fifty characters or more, " * 2
    if kept:
        use_code(code, email=ALICE, purpose=MailedCode.Purpose.SIGN_IN, at=timezone.now())
        return
    with pytest.raises(CodeWrong):
        use_code(code, email=ALICE, purpose=MailedCode.Purpose.SIGN_IN, at=timezone.now())


def test_a_code_that_no_key_opens_is_asked_for_again(client: Client, settings: Any) -> None:
    ask_to_sign_in(client)
    settings.SECRET_KEY = "another key of fifty characters or more, " * 2
    answered(None)
    assert not OutgoingMail.objects.exists()
