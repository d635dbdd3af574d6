"""Invitations: sent once each, used once, and nothing told to who only guesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.accounts.limits import ENOUGH_LINKS
from portal.accounts.models import User
from portal.core.mail.words import words_of
from portal.core.models import BodyDetails, HistoryEntry, OutgoingMail
from portal.core.rows.locking import alone
from portal.people import inviting
from portal.people.inviting import AlreadyInviting, accept, invite, send_due_invitations
from portal.people.models import AccountClaim, Invitation, Person
from tests import factories
from tests.accounts.test_sign_in import sign_in
from tests.accounts.test_sign_up import confirm, sign_up
from tests.answering import answered

pytestmark = pytest.mark.django_db
PASSWORD = "three words together"


@pytest.fixture
def ina() -> Person:
    return factories.person(
        "Ina", "Invited", title="Dr", email="ina@example.org", has_account=False
    )


def token_of(person: Person) -> str:
    """What stands in the newest invitation mail to a person; sent if there is none."""
    if not person.invitations.exists():
        invite([person], actor="test", at=timezone.now())
    mail = OutgoingMail.objects.filter(kind="invitation", to=person.email).latest("pk")
    found = re.search(r"http://localhost:8000/invitation/([\w-]+)/", words_of(mail).text)
    assert found
    return found[1]


def set_password(client: Client, token: str, password: str = PASSWORD, *, follow: bool = False):
    return client.post(f"/invitation/{token}/", {"password": password}, follow=follow)


# --- The letter ------------------------------------------------------------------------------
def test_the_letter_says_how_to_sign_in_until_when_and_from_whom(ina: Person) -> None:
    BodyDetails.objects.update(sign_in_note="Your Members’ Zone login is separate.")
    with time_machine.travel("2027-03-01T12:00:00Z"):
        token = token_of(ina)
    mail = OutgoingMail.objects.get()
    assert mail.is_secret
    for words in (
        "Dear Ina,",
        "ina@example.org",
        "Monday 15 March 2027",
        "Your Members’ Zone login is separate.",
        "Institute of Testing",
        f"http://localhost:8000/invitation/{token}/",
    ):
        assert words in words_of(mail).text, words
        assert words in words_of(mail).html, words
    assert mail.subject == "Set your password for the IT portal"
    assert words_of(mail).text.count("Institute of Testing\n") == 1
    assert mail.sender == '"Institute of Testing" <office@example.org>'


def test_the_database_does_not_hold_the_token(ina: Person) -> None:
    token = token_of(ina)
    kept = Invitation.objects.values().get()
    assert token not in str(kept)
    assert len(token) == 43


def test_everybody_is_invited_once_however_often_it_runs(ina: Person, alice: Person) -> None:
    factories.person("Olga", "Offline", email="", has_account=False)
    sends = [send_due_invitations(actor="test", at=timezone.now()) for _ in range(2)]
    assert sends == [1, 0]
    assert [mail.to for mail in OutgoingMail.objects.all()] == [ina.email]


def test_only_the_address_asked_for(ina: Person) -> None:
    other = factories.person("Otto", "Other", has_account=False)
    assert send_due_invitations(actor="test", at=timezone.now(), email="INA@example.org") == 1
    assert list(Invitation.objects.values_list("person", flat=True)) == [ina.pk]
    assert send_due_invitations(actor="test", at=timezone.now()) == 1
    assert other.invitations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_that_dies_leaves_each_person_whole_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(5):
        factories.person(f"P{number}", "Person", has_account=False)
    monkeypatch.setattr(inviting, "AT_A_TIME", 2)

    def dies(done: int, total: int) -> None:
        assert (done, total) == (2, 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due_invitations(actor="test", at=timezone.now(), on_progress=dies)
    assert Invitation.objects.count() == OutgoingMail.objects.count() == 2
    assert send_due_invitations(actor="test", at=timezone.now()) == 3
    assert OutgoingMail.objects.values("to").distinct().count() == 5
    assert Invitation.objects.count() == OutgoingMail.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_second_run_beside_the_first_is_turned_away(ina: Person) -> None:
    import threading

    answers: list[object] = []

    def run() -> None:
        from django.db import connection

        try:
            answers.append(send_due_invitations(actor="test", at=timezone.now()))
        except AlreadyInviting as error:
            answers.append(str(error))
        finally:
            connection.close()

    with alone("invite") as taken:
        assert taken
        other = threading.Thread(target=run)
        other.start()
        other.join()
    assert answers == ["Invitations are already being sent. Wait until that has finished."]
    assert not OutgoingMail.objects.exists()


def test_a_new_letter_that_anybody_can_ask_for_leaves_the_old_one_in_use(
    client: Client, ina: Person
) -> None:
    old = token_of(ina)
    answered(Client().post("/forgotten/", {"email": ina.email}))
    new = (
        words_of(OutgoingMail.objects.latest("pk"))
        .text.partition("/invitation/")[2]
        .partition("/")[0]
    )
    assert old != new
    for token in (old, new):
        assert client.get(f"/invitation/{token}/").status_code == 200
    assert set_password(client, old)["Location"] == "/"
    for token in (old, new):
        assert Client().get(f"/invitation/{token}/").status_code == 410


def test_a_link_dies_with_the_address_it_was_sent_to(client: Client, ina: Person) -> None:
    """The office corrects an address: the stranger who got the letter is let in nowhere."""
    old = token_of(ina)
    Person.objects.filter(pk=ina.pk).update(email="ina@right.example.org")

    assert client.get(f"/invitation/{old}/").status_code == 410
    assert set_password(client, old).status_code == 410
    with pytest.raises(inviting.InvitationUnusable):
        accept(old, password=PASSWORD, at=timezone.now())
    answered(client.post(f"/invitation/{old}/renewal/"))
    assert not User.objects.exists()
    assert OutgoingMail.objects.count() == 1


def test_who_got_a_corrected_address_is_invited_there(client: Client, ina: Person) -> None:
    old = token_of(ina)
    Person.objects.filter(pk=ina.pk).update(email="ina@right.example.org")
    ina.refresh_from_db()

    assert [send_due_invitations(actor="test", at=timezone.now()) for _ in range(2)] == [1, 0]
    assert ina.invitations.filter(replaced_at=None).get().email == "ina@right.example.org"
    assert set_password(client, token_of(ina)).status_code == 302
    assert User.objects.get().email == "ina@right.example.org"
    assert client.get(f"/invitation/{old}/").status_code == 410


# --- Accepting -------------------------------------------------------------------------------
def test_accepting_opens_the_account_and_signs_in(client: Client, ina: Person) -> None:
    answer = set_password(client, token_of(ina), follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Your password is set. Welcome." in answer.text
    assert "Hello, Ina" in answer.text
    ina.refresh_from_db()
    assert ina.user.email == "ina@example.org"
    assert User.objects.verified().get() == ina.user
    assert sign_in(Client(), "ina@example.org", PASSWORD)["Location"] == "/"
    assert HistoryEntry.objects.filter(act="invitation accepted").count() == 1


def test_looking_does_not_use_it(client: Client, ina: Person) -> None:
    token = token_of(ina)
    for _ in range(3):
        page = client.get(f"/invitation/{token}/")
        assert page.status_code == 200
    assert "Set your password</h1>" in page.text
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert Invitation.objects.get().used_at is None
    assert not User.objects.exists()


def test_it_works_once(client: Client, ina: Person) -> None:
    token = token_of(ina)
    set_password(client, token)
    again = set_password(Client(), token, "other words together")
    assert again.status_code == 410
    ina.user = User.objects.get()
    assert ina.user.check_password(PASSWORD)


def test_it_works_for_fourteen_days(client: Client, ina: Person) -> None:
    now = timezone.now()
    token = token_of(ina)
    with time_machine.travel(now + timedelta(days=13, hours=23)):
        assert client.get(f"/invitation/{token}/").status_code == 200
    with time_machine.travel(now + timedelta(days=14, minutes=1)):
        assert client.get(f"/invitation/{token}/").status_code == 410
        assert set_password(client, token).status_code == 410
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Enter a password"),
        ("short", "Password must be 10 characters or more"),
        ("ina@example.org", "Choose a password that is less like your name or email address"),
        ("ina invited 1", "Choose a password that is less like your name or email address"),
    ],
)
def test_a_weak_password_is_told_and_uses_nothing(
    client: Client, ina: Person, password: str, sentence: str
) -> None:
    token = token_of(ina)
    page = set_password(client, token, password)
    assert page.text.count(sentence) == 2
    assert "<title>Error: Set your password" in page.text
    assert not re.search(r'<input type="password"[^>]* value=', page.text)
    assert set_password(client, token).status_code == 302


def test_it_takes_the_place_of_an_account_nobody_has_confirmed(ina: Person) -> None:
    squatter = Client()
    squatted = User.objects.create_user(ina.email, "the squatter's own words")
    sign_up(squatter, email=ina.email, password1="the squatter's own words")
    holder = Client()
    set_password(holder, token_of(ina))
    account = User.objects.get()
    assert account.pk != squatted.pk
    assert account.check_password(PASSWORD)
    confirm(squatter, ina.email)
    for address in ("/sign-in/", "/create-an-account/check/", "/account/"):
        squatter.get(address)
    assert "_auth_user_id" not in squatter.session
    assert sign_in(Client(), ina.email, "the squatter's own words").status_code == 200


def test_it_settles_a_claim(client: Client) -> None:
    first = factories.person("Ina", "One", email="ina@example.org", has_account=False)
    factories.person("Ida", "Two", email="ina@example.org", has_account=False)
    claimed = Client()
    sign_up(claimed, email="ina@example.org")
    confirm(claimed, "ina@example.org")
    assert AccountClaim.objects.count() == 1
    set_password(client, token_of(first))
    first.refresh_from_db()
    assert first.user == User.objects.get()
    assert not AccountClaim.objects.exists()
    assert claimed.get("/account/").status_code == 302


def test_an_address_whose_account_is_anothers_stays_with_them(client: Client) -> None:
    second = factories.person("Otto", "Second", email="both@example.org", has_account=False)
    token = token_of(second)
    owner = factories.person("Olga", "Owner", email="both@example.org")
    assert set_password(client, token).status_code == 410
    owner.user.refresh_from_db()
    assert owner.user.check_password(factories.PASSWORD)
    second.refresh_from_db()
    assert second.user is None


def test_the_second_of_two_clicks_signs_in_as_the_first_did(client: Client, ina: Person) -> None:
    """The browser shows the second answer only."""
    token = token_of(ina)
    set_password(Client(), token)
    assert set_password(client, token)["Location"] == "/"
    assert "Hello, Ina" in client.get("/").text
    assert set_password(Client(), token, "other words together").status_code == 410
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert set_password(Client(), token).status_code == 410


def test_a_closed_account_is_not_opened_by_it(client: Client, ina: Person) -> None:
    token = token_of(ina)
    account = factories.account(ina.email)
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert set_password(client, token).status_code == 410
    account.refresh_from_db()
    assert not account.is_active
    assert account.check_password(factories.PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_make_one_account(ina: Person) -> None:
    import threading

    from django.db import connection

    token = token_of(ina)
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def run(password: str) -> None:
        barrier.wait()
        try:
            accept(token, password=password, at=timezone.now())
            outcomes.append(password)
        except inviting.InvitationUnusable:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"password number {n}",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1] == "refused"
    assert User.objects.get().check_password(sorted(outcomes)[0])


# --- A link that no longer works -------------------------------------------------------------
def test_unknown_used_and_expired_get_the_same_page_and_the_same_answer(ina: Person) -> None:
    used, unknown = token_of(ina), "x" * 43
    set_password(Client(), used)
    late = factories.person("Lena", "Late", has_account=False)
    expired = token_of(late)
    Invitation.objects.filter(person=late).update(expires_at=timezone.now())
    pages, answers = set(), set()
    for token in (used, unknown, expired):
        browser = Client()
        page = browser.get(f"/invitation/{token}/")
        text = re.sub(r'value="\w{64}"', "", page.text).replace(token, "TOKEN")
        pages.add((page.status_code, text))
        answer = answered(browser.post(f"/invitation/{token}/renewal/"))
        answers.add((answer.status_code, answer["Location"]))
    assert len(pages) == 1
    assert answers == {(302, "/invitation/sent/")}
    text = pages.pop()[1]
    for words in ("This link no longer works", "Send me a new link", "Sign in"):
        assert words in text
    assert "Ina" not in text
    sent = list(OutgoingMail.objects.order_by("pk").values_list("to", "kind"))
    assert sent[2:] == [
        (ina.email, "account_already_exists"),
        (late.email, "invitation"),
    ]


def test_the_mail_to_who_has_an_account_says_so_and_how_to_get_a_password(ina: Person) -> None:
    token = token_of(ina)
    set_password(Client(), token)
    answered(Client().post(f"/invitation/{token}/renewal/"))
    mail = OutgoingMail.objects.latest("pk")
    assert mail.subject == "You already have an account"
    assert "http://localhost:8000/forgotten/" in words_of(mail).text
    assert "http://localhost:8000/forgotten/" in mail.html
    assert "/invitation/" not in words_of(mail).text


def test_asking_for_a_new_link_takes_a_press(client: Client, ina: Person) -> None:
    token = token_of(ina)
    assert client.get(f"/invitation/{token}/renewal/").status_code == 405
    assert OutgoingMail.objects.count() == 1


def test_new_links_are_limited(client: Client, ina: Person) -> None:
    token = token_of(ina)
    for _ in range(5):
        answered(client.post(f"/invitation/{token}/renewal/"))
    answer = answered(client.post(f"/invitation/{token}/renewal/"))
    assert answer.status_code == 410
    assert ENOUGH_LINKS in answer.text
    assert OutgoingMail.objects.count() == 6


def test_guessing_tokens_is_limited(client: Client) -> None:
    for number in range(100):
        client.post(f"/invitation/guess{number}/", {"password": PASSWORD})
    answer = client.post("/invitation/guess/", {"password": PASSWORD})
    assert answer.status_code == 429
    said = "Too many people have used an invitation from your network. Try again in 10 minutes."
    assert said in answer.text


# --- The command and the office --------------------------------------------------------------
def run(*arguments: str) -> str:
    out = StringIO()
    call_command("invite", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_says_what_it_did(ina: Person, alice: Person) -> None:
    assert run() == "1 person invited, with links to http://localhost:8000."
    assert run() == "Everybody has been invited."
    assert run("--email", ina.email) == (
        "ina@example.org was invited before. To send a new link, add --again."
    )
    assert run("--email", ina.email, "--again") == "ina@example.org has been sent a new link."
    assert run("--email", alice.email) == "alice@example.org already has an account."
    assert OutgoingMail.objects.count() == 2


def test_the_command_with_an_address_invites_that_person_alone(ina: Person) -> None:
    factories.person("Otto", "Other", has_account=False)
    assert run("--email", " INA@example.org ") == "ina@example.org has been invited."
    assert OutgoingMail.objects.get().to == ina.email


def test_nobody_is_invited_at_an_address_that_another_signs_in_with(
    ina: Person, alice: Person
) -> None:
    Person.objects.filter(pk=ina.pk).update(email=alice.email)
    ina.refresh_from_db()

    told = run()
    assert told == (
        "Everybody has been invited.\n1 person was not invited, because somebody else signs in "
        "with the address the office has for them. In the office, give each person their own "
        "address, then run this again:\n  Ina Invited, alice@example.org"
    )
    assert run("--email", alice.email).startswith("1 person was not invited, because somebody else")
    assert invite([ina], actor="test", at=timezone.now()) == 0
    assert not OutgoingMail.objects.exists()

    Person.objects.filter(pk=ina.pk).update(email="ina@example.org")
    assert run() == "1 person invited, with links to http://localhost:8000."


def test_the_command_refuses_an_address_that_nobody_has() -> None:
    with pytest.raises(CommandError, match=r"^Nobody has the address x@example\.org\.$") as told:
        run("--email", "x@example.org")
    assert told.value.returncode == 2


@pytest.mark.parametrize("empty", ["", " "])
def test_the_command_with_an_empty_address_invites_nobody(ina: Person, empty: str) -> None:
    with pytest.raises(CommandError, match=r"^Give an address after --email") as told:
        run("--email", empty)
    assert told.value.returncode == 2
    assert not OutgoingMail.objects.exists()


def test_the_office_invites_again(
    client_of: Callable[[Person], Client], ina: Person, alice: Person, sam: Person
) -> None:
    invite([ina], actor="test", at=timezone.now())
    answer = client_of(sam).post(
        "/office/people/person/",
        {"action": "send_new_invitation", "_selected_action": [ina.pk, alice.pk]},
        follow=True,
    )
    assert "1 invited." in answer.text
    assert (
        "1 not invited: they have an account, have no email address, or have an address that"
    ) in answer.text
    assert [mail.to for mail in OutgoingMail.objects.all()] == [ina.email] * 2
    assert ina.invitations.filter(replaced_at=None).count() == 1


def test_an_invitation_and_its_mail_stand_or_fall_together(ina: Person) -> None:
    def fails() -> None:
        with transaction.atomic():
            invite([ina], actor="test", at=timezone.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert not Invitation.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_letter_that_is_asked_for_goes_before_those_of_a_run(client: Client, ina: Person) -> None:
    """Urgent for who waits for it, usual for the one whom the office invites, bulk for many."""
    known = factories.person("Ann", email="ann@example.org", has_account=False)

    def newest(person: Person) -> int:
        return OutgoingMail.objects.filter(to=person.email).latest("pk").priority

    run("--email", "ann@example.org")
    assert newest(known) == OutgoingMail.Priority.USUAL
    run()
    assert newest(ina) == OutgoingMail.Priority.BULK
    invite([ina], actor="the office", at=timezone.now())
    assert newest(ina) == OutgoingMail.Priority.USUAL
    invite([ina, known], actor="the office", at=timezone.now())
    assert newest(ina) == newest(known) == OutgoingMail.Priority.BULK
    answered(client.post(f"/invitation/{token_of(ina)}/renewal/"))
    assert newest(ina) == OutgoingMail.Priority.URGENT


def test_the_letter_bears_the_moment_of_the_invitation() -> None:
    someone = factories.person("Ina", "Invited", has_account=False)
    at = timezone.now() - timedelta(days=1)

    invite([someone], actor="office", at=at)

    assert OutgoingMail.objects.get().created_at == at
