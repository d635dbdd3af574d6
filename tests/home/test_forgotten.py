"""Forgotten username / password?: for who has lost the address too."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.limits import SENTENCES, Attempt
from portal.accounts.models import User
from portal.core.background.requests import TOO_LATE
from portal.core.models import OutgoingMail
from portal.membership.forgotten_username import answer_username_requests
from portal.membership.models import UsernameRequest
from portal.people.emails import queue_username
from portal.people.models import Invitation, Person
from tests import factories

pytestmark = pytest.mark.django_db
ENOUGH = SENTENCES[Attempt.LOST_ADDRESS]
PAGE = "/forgotten/address/"


def find(client: Client, **typed: str):
    """Send the form, and let the job answer."""
    response = client.post(PAGE, typed)
    answer_username_requests(at=timezone.now())
    assert not UsernameRequest.objects.exists()
    return response


def test_the_page_says_that_the_username_is_the_address(client: Client) -> None:
    page = client.get("/forgotten/").text
    assert "Your username is your email address" in page
    assert "(optional)" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_membership_number_finds_the_address(client: Client, alice: Person) -> None:
    answer = find(client, number=" 100 ")
    assert answer["Location"] == "/forgotten/address/sent/"
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == ("alice@example.org", "Your username")
    assert "alice@example.org" not in client.get(answer["Location"]).text


def test_a_name_and_postcode_find_it_in_any_spacing(client: Client, alice: Person) -> None:
    find(client, first_name="alice", last_name=" ARCHER", postcode="ls14ap")
    assert OutgoingMail.objects.get().to == "alice@example.org"


def test_the_mail_goes_to_the_address_that_one_signs_in_with(client: Client, alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(email="new@example.org")
    find(client, number="100")
    assert OutgoingMail.objects.get().to == "alice@example.org"


def test_who_has_no_account_yet_gets_an_invitation(client: Client) -> None:
    factories.membership(
        factories.person("Ina", "Invited", email="ina@example.org", has_account=False), number="7"
    )
    find(client, number="7")
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.kind) == ("ina@example.org", "invitation")


def test_a_closed_account_is_told_by_mail(client: Client, alice: Person) -> None:
    User.objects.update(is_active=False)
    find(client, number="100")
    assert OutgoingMail.objects.get().kind == "account_closed"


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "999"},
        {"first_name": "Alice", "last_name": "Archer", "postcode": "M1 1AE"},
        {"first_name": "Alice", "last_name": "Brook", "postcode": "LS1 4AP"},
        {"first_name": "Tina", "last_name": "Twin", "postcode": "LS1 4AP"},
    ],
)
def test_nobody_or_several_get_the_same_answer_and_no_mail(
    client: Client, alice: Person, typed: dict[str, str]
) -> None:
    for number in range(2):
        factories.person("Tina", "Twin", email=f"tina{number}@example.org", has_account=False)
    known = find(client, number="100")
    unknown = find(client, **typed)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["alice@example.org"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ({"number": "100"}, {"number": "999"}),
        (
            {"first_name": "Alice", "last_name": "Archer", "postcode": "LS1 4AP"},
            {"first_name": "Alice", "last_name": "Archer", "postcode": "M1 1AE"},
        ),
    ],
)
def test_the_page_itself_looks_nobody_up(
    client: Client, alice: Person, known: dict[str, str], unknown: dict[str, str]
) -> None:
    def statements(typed: dict[str, str]) -> list[str]:
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            client.post(PAGE, typed)
        sent = [" ".join(query["sql"].split()[:3]) for query in seen]
        return [sql for sql in sent if "SAVEPOINT" not in sql]

    assert statements(known) == statements(unknown)
    assert not OutgoingMail.objects.exists()
    assert UsernameRequest.objects.count() == 2


def test_a_request_that_fails_is_tried_again_and_stops_no_other(
    client: Client, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = timezone.now()
    for number in ("100", bob.membership.number):
        client.post(PAGE, {"number": number})
    fail = [True]

    def queue(person: Person, *, to: str, at: datetime) -> None:
        if person == alice and fail:
            raise RuntimeError
        queue_username(person, to=to, at=at)

    monkeypatch.setattr("portal.membership.forgotten_username.queue_username", queue)
    assert answer_username_requests(at=timezone.now()) == 1
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["bob@example.org"]
    fail.clear()
    assert answer_username_requests(at=timezone.now()) == 1
    assert OutgoingMail.objects.filter(to="alice@example.org").count() == 1

    client.post(PAGE, {"number": "100"})
    assert answer_username_requests(at=asked + TOO_LATE * 2) == 0
    assert not UsernameRequest.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({}, ["Enter your membership number, or your name and postcode"]),
        ({"first_name": "Alice"}, ["Enter your last name", "Enter your postcode"]),
        ({"postcode": "LS1 4AP"}, ["Enter your first name", "Enter your last name"]),
        ({"number": "1" * 21}, ["Membership number must be 20 characters or less"]),
    ],
)
def test_what_is_missing_is_named(
    client: Client, typed: dict[str, str], sentences: list[str]
) -> None:
    page = find(client, **typed)
    assert page.status_code == 200
    assert page.text.count('class="field__error"') == len(sentences)
    for sentence in sentences:
        assert page.text.count(sentence) == 2
    assert "<title>Error: " in page.text
    for value in typed.values():
        assert f'value="{value}"' in page.text


def test_it_is_limited(client: Client, alice: Person) -> None:
    for _ in range(3):
        find(client, number="100")
    answer = find(client, number="100")
    assert ENOUGH in answer.text
    assert OutgoingMail.objects.count() == 3


def test_another_spacing_is_no_other_person_to_the_limit(client: Client, alice: Person) -> None:
    for postcode in ("LS1 4AP", "ls14ap", " ls1  4AP"):
        find(client, first_name="Alice", last_name="Archer", postcode=postcode)
    answer = find(client, first_name="Alice", last_name="archer ", postcode="LS14 AP")
    assert ENOUGH in answer.text
    for number in ("100", "1 00", " 10 0"):
        find(client, number=number)
    assert ENOUGH in find(client, number="1 0 0").text


def test_looking_at_the_address_of_the_form_leads_to_the_page(client: Client) -> None:
    assert client.get(PAGE)["Location"] == "/forgotten/"
