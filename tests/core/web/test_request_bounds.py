"""What is far too much is refused with a sentence, and nothing is asked or hashed for it."""

import pytest
from django.contrib.auth import hashers
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.core.forms.bounds import LONGEST_PASSWORD
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.core.web import request_bounds
from portal.people.inviting import invite
from tests import factories

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
PARTS = 'multipart/form-data; boundary="x"'
A_FILE = '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nabc\r\n--x--\r\n'
A_PART = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'


@pytest.mark.parametrize(
    ("path", "more", "status", "words"),
    [
        ("/" + "a" * request_bounds.LONGEST_ADDRESS, {}, 414, "address is too long"),
        ("/?q=" + "a" * request_bounds.LONGEST_ADDRESS, {}, 414, "address is too long"),
        ("/?" + "a=&" * request_bounds.MOST_PARAMETERS, {}, 400, "too much at once"),
        ("/", {"HTTP_X_LONG": "a" * (request_bounds.LONGEST_HEADER + 1)}, 431, "sent too much"),
        ("/", {f"HTTP_X_{n}": "a" * 1000 for n in range(33)}, 431, "sent too much"),
        ("/", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "Content-Length"),
        (
            "/",
            {"CONTENT_LENGTH": str(request_bounds.MOST_BODY + 1)},
            413,
            "more than the portal accepts",
        ),
        ("/", {"CONTENT_LENGTH": "9" * 30}, 413, "more than the portal accepts"),
        ("/", {"CONTENT_LENGTH": "-1"}, 400, "not a number"),
    ],
)
def test_too_much_of_a_request_is_told_before_a_query(
    client, django_assert_num_queries, path, more, status, words
):
    with django_assert_num_queries(0):
        answer = client.get(path, **more)

    assert (answer.status_code, answer["Content-Type"]) == (status, "text/plain; charset=utf-8")
    assert words in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        ("x" * (request_bounds.MOST_BODY + 1), FORM, 413, "more than the portal accepts"),
        ("a=&" * (request_bounds.MOST_FIELDS + 1), FORM, 400, "too many fields"),
        (
            "a" * (request_bounds.LONGEST_NAME + 1) + "=",
            FORM,
            413,
            "field of this form is too long",
        ),
        (
            "a=" + "x" * (request_bounds.LONGEST_FIELD + 1),
            FORM,
            413,
            "field of this form is too long",
        ),
        (A_PART * (request_bounds.MOST_FIELDS + 5), PARTS, 400, "too many fields"),
        (A_FILE, PARTS, 400, "or a file"),
        ("--y", "multipart/form-data", 400, "Only part of this form arrived"),
    ],
)
def test_too_much_of_a_form_is_told_before_a_query_or_a_hash(
    client, django_assert_num_queries, monkeypatch, body, kind, status, words
):
    monkeypatch.setattr(hashers, "check_password", lambda *_: pytest.fail("hashed"))
    with django_assert_num_queries(0):
        answer = client.post("/sign-in/", body, content_type=kind)

    assert answer.status_code == status
    assert words in answer.text


def test_what_is_just_within_is_taken(client):
    name, value = "a" * request_bounds.LONGEST_NAME, "x" * request_bounds.LONGEST_FIELD
    body = f"login=x&password=x&{name}={value}"

    answer = client.post("/sign-in/", body, content_type=FORM)

    assert answer.status_code == 200
    assert "Enter an email address in full" in answer.text
    assert client.get("/help/?" + "a=&" * (request_bounds.MOST_PARAMETERS - 1)).status_code == 200


@pytest.mark.parametrize(
    "password", ["x" * (LONGEST_PASSWORD + 1), "é" * (LONGEST_PASSWORD // 2 + 1)]
)
def test_a_password_that_is_too_long_is_not_hashed(client, alice, monkeypatch, password):
    hashed = []
    monkeypatch.setattr(User, "check_password", lambda _, typed: hashed.append(typed))
    for page, given in (
        ("/sign-in/", {"login": alice.email, "password": password}),
        ("/invitation/none/", {"password": password}),
    ):
        client.post(page, given)

    assert hashed == []
    page = client.post("/sign-in/", {"login": alice.email, "password": password})
    assert f"Password must be {LONGEST_PASSWORD} characters or less" in page.text


def test_an_invitation_that_was_used_hashes_no_endless_password(client, monkeypatch):
    """The second of two clicks tries the password of the account that the first one opened."""
    invited = factories.person("Ina", "Invited", email="ina@example.org", has_account=False)
    invite([invited], actor="test", at=timezone.now())
    words = words_of(OutgoingMail.objects.get(to=invited.email)).text
    page = f"/invitation/{words.partition('/invitation/')[2].partition('/')[0]}/"
    client.post(page, {"password": "three words together"})
    hashed = []
    monkeypatch.setattr(User, "check_password", lambda _, typed: hashed.append(typed))

    assert Client().post(page, {"password": "x" * (LONGEST_PASSWORD + 1)}).status_code == 410
    assert hashed == []
    Client().post(page, {"password": "another one"})
    assert hashed == ["another one"]
