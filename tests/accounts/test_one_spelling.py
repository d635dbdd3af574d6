"""Whichever way an address is typed, it is one mailbox: to accounts, mails and limits."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.limits import ENOUGH_LINKS
from portal.accounts.models import User
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.core.text.email_address import BARE, PLAIN
from portal.people.inviting import invite
from portal.people.models import Invitation, Person
from tests import factories
from tests.accounts.test_password_rules import link_in
from tests.accounts.test_sign_in import code_of, sign_in
from tests.answering import answered
from tests.membership.people_files import csv_text

pytestmark = pytest.mark.django_db
NEW = "three quite new words"
TYPED = "Anna@B\u00fccher-Rat.example"
POSTED = "anna@xn--bcher-rat-q9a.example"  # what a browser makes of it
SPELLINGS = [
    TYPED,
    POSTED,
    "anna@b\u00fccher\u00ad-rat\uff0eexample.",
    " ANNA\uff20XN--BCHER-RAT-q9a.example",
]


@pytest.fixture
def anna() -> Person:
    """As an import, the office or a command leaves her."""
    return factories.person("Anna", "Amsel", email=TYPED, has_account=False)


def accept(client: Client, person: Person) -> None:
    invite([person], actor="test", at=timezone.now())
    mail = OutgoingMail.objects.latest("pk")
    token = words_of(mail).text.partition("/invitation/")[2].partition("/")[0]
    assert client.post(f"/invitation/{token}/", {"password": NEW})["Location"] == "/"


def test_who_is_invited_at_an_international_domain_gets_in_again(
    client: Client, anna: Person
) -> None:
    accept(client, anna)
    for spelling in SPELLINGS:
        assert sign_in(Client(), spelling, NEW)["Location"] == "/"
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {POSTED}
    assert Invitation.objects.get().email == Person.objects.get().email == POSTED


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_link_code_and_sign_up_know_it_too(client: Client, anna: Person, spelling: str) -> None:
    accept(Client(), anna)
    OutgoingMail.objects.all().delete()
    answered(client.post("/forgotten/", {"email": spelling}))
    page = client.get(link_in(OutgoingMail.objects.get()), follow=True)
    assert "Set a new password</h1>" in page.text
    browser = Client()
    answered(browser.post("/sign-in/code/", {"email": spelling}))
    code = code_of(OutgoingMail.objects.latest("pk"))
    browser.post("/sign-in/code/check/", {"code": code, "action": "verify"})
    assert browser.session["_auth_user_id"] == str(User.objects.get().pk)
    typed = {"first_name": "A", "last_name": "A", "email": spelling, "password1": NEW}
    answered(Client().post("/create-an-account/", typed))
    assert OutgoingMail.objects.latest("pk").kind == "account_already_exists"
    assert User.objects.count() == EmailAddress.objects.count() == 1


def imported(email: str, path: Path) -> Person:
    write_people(path, email)
    call_command("import_people", str(path), stdout=StringIO())
    return Person.objects.get()


def write_people(path: Path, *emails: str) -> None:
    rows = [{"first_name": "Anna", "last_name": "Amsel", "email": email} for email in emails]
    path.write_text(csv_text(*rows), encoding="utf-8")


@pytest.mark.parametrize("again", SPELLINGS)
def test_a_file_with_another_spelling_makes_no_second_person(tmp_path: Path, again: str) -> None:
    anna = imported(TYPED, tmp_path / "people.csv")
    assert imported(again, tmp_path / "again.csv") == anna
    write_people(tmp_path / "both.csv", TYPED, again)
    with pytest.raises(SystemExit):
        call_command("import_people", str(tmp_path / "both.csv"), stdout=StringIO())
    assert Person.objects.get().email == POSTED


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_who_was_imported_and_signs_up_is_no_second_anna(
    client: Client, tmp_path: Path, spelling: str
) -> None:
    anna = imported(TYPED, tmp_path / "people.csv")
    typed = {"first_name": "A", "last_name": "A", "email": spelling, "password1": NEW}
    answered(client.post("/create-an-account/", typed))
    code = {"code": code_of(OutgoingMail.objects.latest("pk")), "action": "verify"}
    assert client.post("/create-an-account/check/", code)["Location"] == "/"
    anna.refresh_from_db()
    assert Person.objects.count() == User.objects.count() == EmailAddress.objects.count() == 1
    assert anna.user.email == EmailAddress.objects.get().email == POSTED
    for other in SPELLINGS:
        assert sign_in(Client(), other, NEW)["Location"] == "/"


def test_no_spelling_gets_round_the_limit(client: Client, anna: Person) -> None:
    letters = "\uff41nn\uff41@xn--bcher-rat-q9a.example"
    for spelling in [*SPELLINGS, letters]:
        answered(Client().post("/forgotten/", {"email": spelling}))
    assert OutgoingMail.objects.count() == 5
    for spelling in [letters, *SPELLINGS]:
        assert ENOUGH_LINKS in Client().post("/forgotten/", {"email": spelling}).text
    for spelling in [*SPELLINGS, letters]:
        sign_in(Client(), spelling, "not-the-password")
    assert "too many attempts" in sign_in(Client(), POSTED, "not-the-password").text


@pytest.mark.parametrize("path", ["/forgotten/", "/sign-in/code/", "/sign-in/"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [('"alice"@example.org', BARE), ("al\u0131ce@example.org", PLAIN)],
)
def test_what_cannot_be_told_for_one_is_told(
    client: Client, path: str, typed: str, sentence: str
) -> None:
    page = client.post(path, {"email": typed, "login": typed, "password": "x"})
    assert page.status_code == 200
    assert sentence in page.text.replace("&quot;", '"')


def test_commands_find_and_keep_the_one_spelling(anna: Person) -> None:
    out = StringIO()
    call_command("invite", email=TYPED, stdout=out)
    assert f"{POSTED} has been invited." in out.getvalue()
    call_command("staff_add", TYPED, all=False, stdout=out)
    assert User.objects.get().email == POSTED
    assert Person.objects.get() == anna


def test_the_office_keeps_the_one_spelling(sam: Person) -> None:
    typed = {
        "first_name": "Anna",
        "last_name": "Amsel",
        "email": TYPED,
        **{
            f"{name}-{part}_FORMS": "0"
            for name in ("phones", "addresses", "consents")
            for part in ("TOTAL", "INITIAL")
        },
    }
    office = factories.client_of(sam)
    office.post("/office/people/person/add/", typed)
    assert Person.objects.get(last_name="Amsel").email == POSTED
    for spelling in (TYPED, POSTED, "b\u00fccher-rat.example"):
        found = office.get("/office/people/person/", {"q": spelling}).text
        assert ("1 person" in found) is ("@" in spelling)
