"""Who asks for a mail: the page does the same whoever it is, and a job answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts import asking_for_mail
from portal.accounts.asking_for_mail import answer_mail_requests
from portal.accounts.models import MailRequest, User
from portal.core.background.registry import JOBS, use_queue
from portal.core.background.requests import TOO_LATE
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_in import code_of
from tests.answering import answered

pytestmark = pytest.mark.django_db

KINDS = {
    "account": "alice@example.org",
    "nobody": "nobody@example.org",
    "imported": "ina@example.org",
    "closed": "closed@example.org",
    "waiting": "waits@example.org",
    "staff": "flagged@example.org",
}
SIGN_UP = {"first_name": "Nell", "last_name": "New", "password1": "three words together"}


@pytest.fixture
def everybody(alice: Person) -> None:
    """An account, a person who was imported, a closed account, one that nobody has confirmed, and
    one that was made for new staff."""
    factories.person("Ina", "Invited", email=KINDS["imported"], has_account=False)
    closed = factories.person("Cleo", "Closed", email=KINDS["closed"]).user
    User.objects.filter(pk=closed.pk).update(is_active=False)
    User.objects.create_user(KINDS["waiting"], "some words of another")
    User.objects.create_user(KINDS["staff"], is_staff=True)


def shape(sql: str) -> str:
    """A statement without its values."""
    sql = re.sub(r"'(?:[^']|'')*'", "?", sql)
    return re.sub(r"\b\d+(\.\d+)?\b|\"?s\d+_x\d+\"?|\"[st]\d+_\w+\"", "?", sql)


def statements(act: Callable[[], object]) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(connection) as seen:
        act()
    return [shape(query["sql"]) for query in seen]


def visit(client: Client, email: str) -> list[list[str]]:
    """Everything that somebody who has none of the mails can do, page by page."""

    def post(path: str, **typed: str) -> Callable[[], object]:
        return lambda: client.post(path, typed)

    def get(path: str) -> Callable[[], object]:
        return lambda: client.get(path)

    code, address = "/sign-in/code/check/", "/create-an-account/check/"
    return [
        statements(step)
        for step in (
            post("/forgotten/", email=email),
            get("/forgotten/sent/"),
            post("/sign-in/code/", email=email),
            get(code),
            post(code, code="BBBB-BBBB", action="verify"),
            post(code, action="resend"),
            get(code),
            post("/create-an-account/", email=email, **SIGN_UP),
            get(address),
            post(address, code="BBBB-BBBB", action="verify"),
            post(address, action="resend"),
            get(address),
            post("/sign-in/code/", email=email),
        )
    ]


def test_every_page_asks_the_database_the_same_whoever_it_is(everybody: None) -> None:
    seen = {kind: visit(Client(), email) for kind, email in KINDS.items()}
    assert all(seen["account"])
    for kind, pages in seen.items():
        for number, (page, of_nobody) in enumerate(zip(pages, seen["nobody"], strict=True)):
            assert page == of_nobody, (kind, number)
    assert not OutgoingMail.objects.exists()
    assert MailRequest.objects.count() == len(KINDS) * 6


def test_so_does_asking_for_a_new_link(client: Client) -> None:
    from portal.people.inviting import invite

    ina = factories.person("Ina", "Invited", email=KINDS["imported"], has_account=False)
    invite([ina], actor="test", at=timezone.now())
    known = words_of(OutgoingMail.objects.get()).text.partition("/invitation/")[2].partition("/")[0]
    seen = [
        statements(lambda token=token: client.post(f"/invitation/{token}/renewal/"))
        for token in (known, "x" * 43)
    ]
    assert seen[0] == seen[1] != []


def test_the_job_writes_to_each_what_fits(client: Client, everybody: None) -> None:
    for path in ("/forgotten/", "/sign-in/code/", "/create-an-account/"):
        for email in KINDS.values():
            client.post(path, {"email": email, **SIGN_UP})
    assert MailRequest.objects.count() == 3 * len(KINDS)
    assert answer_mail_requests(at=timezone.now()) == 3 * len(KINDS)
    sent = {kind: [] for kind in KINDS}
    for mail in OutgoingMail.objects.order_by("pk"):
        sent[next(kind for kind, email in KINDS.items() if email == mail.to)].append(mail.kind)
    unknown = "unknown_account"
    assert sent == {
        "account": ["password_reset_key", "login_code", "account_already_exists"],
        "nobody": [unknown, unknown, "email_confirmation_signup"],
        "imported": ["invitation", "invitation", "email_confirmation_signup"],
        "closed": ["account_closed"] * 3,
        "waiting": [unknown, unknown, "email_confirmation_signup"],
        "staff": [unknown] * 3,
    }
    assert answer_mail_requests(at=timezone.now()) == 0


def test_it_is_nudged_at_once_and_runs_every_minute(client: Client, alice: Person) -> None:
    from portal.core.background import registry

    nudged: list[str] = []
    before = list(registry._queues)
    use_queue(nudged.append)
    try:
        client.post("/forgotten/", {"email": alice.email})
        client.post(f"/invitation/{'x' * 43}/renewal/")
    finally:
        registry._queues[:] = before
    assert nudged == ["answer_mail_requests", "answer_invitation_requests"]
    for name in nudged:
        assert JOBS[name].every == timedelta(minutes=1)


def test_a_kill_in_the_midst_loses_nothing_and_sends_nothing_twice(
    client: Client, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (alice, bob):
        client.post("/forgotten/", {"email": person.email})
    queue = asking_for_mail.queue_reset_link

    def dies(user: User, **more: object) -> None:
        queue(user, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(asking_for_mail, "queue_reset_link", dies)
    with pytest.raises(KeyboardInterrupt):
        answer_mail_requests(at=timezone.now())
    monkeypatch.setattr(asking_for_mail, "queue_reset_link", queue)
    assert not OutgoingMail.objects.exists()
    assert answer_mail_requests(at=timezone.now()) == 2
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == [alice.email, bob.email]


def test_one_that_fails_is_tried_again_and_stops_no_other(
    client: Client, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("nobody has thought of this")

    asked = timezone.now()
    client.post("/sign-in/code/", {"email": alice.email})
    monkeypatch.setattr(asking_for_mail, "keep_code", fails)
    answered_now = client.post("/forgotten/", {"email": bob.email})
    assert answered_now.status_code == 302
    assert answer_mail_requests(at=timezone.now()) == 1
    assert OutgoingMail.objects.get().to == bob.email
    assert MailRequest.objects.get().email == alice.email
    assert answer_mail_requests(at=asked + TOO_LATE * 2) == 0
    assert not MailRequest.objects.exists()


def test_no_code_stands_readable_in_a_request(client: Client, alice: Person) -> None:
    client.post("/sign-in/code/", {"email": alice.email})
    kept = MailRequest.objects.values().get()
    answer_mail_requests(at=timezone.now())
    code = code_of(OutgoingMail.objects.get())
    assert code not in str(kept)
    assert code.replace("-", "") not in str(kept)


def test_a_superuser_who_has_no_confirmed_address_gets_in(client: Client) -> None:
    """Made by `createsuperuser`: allauth asks for a code once the password is right."""
    made = User.objects.create_superuser("root@example.org", factories.PASSWORD)
    page = client.post("/sign-in/", {"login": made.email, "password": factories.PASSWORD})
    assert answered(page)["Location"] == "/create-an-account/check/"
    typed = {"code": code_of(OutgoingMail.objects.get()), "action": "verify"}
    assert client.post("/create-an-account/check/", typed)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(made.pk)


def test_signing_up_leads_on_to_the_page_that_was_asked_for(client: Client) -> None:
    typed = {**SIGN_UP, "email": "nell@example.org", "next": "/account/?tab=1"}
    answered(client.post("/create-an-account/", typed))
    code = code_of(OutgoingMail.objects.get())
    answer = client.post("/create-an-account/check/", {"code": code, "action": "verify"})
    assert answer["Location"] == "/account/?tab=1"
    again = client.post("/create-an-account/check/", {"code": code, "action": "verify"})
    assert again["Location"] == "/"


def test_a_code_to_sign_in_leads_on_too_and_counts_as_just_signed_in(
    client: Client, alice: Person
) -> None:
    page = "/sign-in/code/check/?next=%2Faccount%2Fpassword%2F"
    answered(client.post("/sign-in/code/?next=/account/password/", {"email": alice.email}))
    code = code_of(OutgoingMail.objects.get())
    typed = {"code": code, "action": "verify", "next": "/account/password/"}
    assert client.post(page, typed)["Location"] == "/account/password/"
    assert settings.ACCOUNT_REAUTHENTICATION_REQUIRED
    assert client.get("/account/second-step/app/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not settings.SQLITE, reason="a queue takes the nudge in the transaction")
def test_the_job_is_woken_when_the_page_has_written_everything(
    client: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Woken before, it keeps the page from saving its session, and the time tells what it does."""
    seen: list[str] = []
    monkeypatch.setattr("portal.core.background.registry._knock", seen.append)

    def note(execute: Callable[..., object], sql: str, *more: object) -> object:
        if sql.startswith(("INSERT", "UPDATE")) and "core_cache" not in sql:
            seen.append(sql.split('"')[1])
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        client.post("/sign-in/code/", {"email": alice.email})
    assert seen == ["accounts_mailrequest", "django_session", "answer_mail_requests"]
