"""`portal staff readmit`: an administrator who cannot sign in any more is let in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.core.models import Body, HistoryEntry, OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import link_in
from tests.accounts.test_second_step import enter, set_up
from tests.accounts.test_sign_in import sign_in

pytestmark = pytest.mark.django_db
NEW = "three quite new words"


@pytest.fixture
def ada(db: None) -> Person:
    return factories.administrator()


def readmit(*arguments: str) -> str:
    out = StringIO()
    call_command("staff_readmit", *arguments, stdout=out)
    return out.getvalue().strip()


def follow(browser: Client, link: str):
    page = browser.get(link, follow=True)
    return browser.post(page.redirect_chain[-1][0], {"password1": NEW})


def test_it_takes_all_away_and_mails_a_way_in(
    ada: Person, client_of: Callable[[Person], Client]
) -> None:
    Body.objects.update(staff_second_step=True)
    old = client_of(ada)
    secret = set_up(old)
    half = Client()
    sign_in(half, ada.email, factories.PASSWORD)

    assert readmit(" Ada@example.org ") == (
        "A link to set a new password goes to ada@example.org.\nIt works once, for a day. "
        "Their old password and second step no longer work, and they are signed out everywhere."
    )

    assert not Authenticator.objects.exists()
    assert old.get("/account/")["Location"].startswith("/sign-in/?")
    assert enter(half, "/sign-in/second-step/", secret)["Location"] == "/sign-in/"
    assert (
        "email address or password is wrong"
        in sign_in(Client(), ada.email, factories.PASSWORD).text
    )
    mail = OutgoingMail.objects.get(kind="way_in")
    assert (mail.to, mail.is_secret) == (ada.email, True)
    browser = Client()
    follow(browser, link_in(mail))
    assert browser.get("/office/")["Location"].startswith("/account/second-step/app/")
    set_up(browser)
    assert browser.get("/office/").status_code == 200
    assert "<h1>This link no longer works</h1>" in Client().get(link_in(mail), follow=True).text
    entry = HistoryEntry.objects.get(act="administrator readmitted")
    assert (entry.actor_label, entry.object_label) == ("portal staff readmit", ada.email)
    assert entry.detail == {
        "before": {"is_active": True, "is_staff": True, "second_step": True},
        "after": {"is_active": True, "is_staff": True, "second_step": False},
    }


def test_the_link_is_shown_only_where_it_is_asked_for(ada: Person) -> None:
    told = readmit(ada.email, "--show-link")

    link = re.match(r"http://localhost:8000(/forgotten/\S+/)\n", told)
    assert link
    assert "Hand this link to ada@example.org in person. It lets in anybody who has it." in told
    mail = OutgoingMail.objects.get()
    assert "They will give you the link to set a new password in person." in mail.text
    assert "/forgotten/" not in mail.text + mail.html
    browser = Client()
    assert follow(browser, link[1])["Location"] == "/"
    assert browser.get("/office/").status_code == 200


def test_the_link_works_for_a_day(ada: Person) -> None:
    readmit(ada.email)
    link = link_in(OutgoingMail.objects.get())

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert "<h1>This link no longer works</h1>" in Client().get(link, follow=True).text


def test_a_closed_account_is_opened(ada: Person) -> None:
    User.objects.filter(pk=ada.user_id).update(is_active=False, is_staff=False)

    readmit(ada.email)

    browser = Client()
    follow(browser, link_in(OutgoingMail.objects.get()))
    assert browser.get("/office/").status_code == 200


def test_others_are_refused(ada: Person, sam: Person, alice: Person) -> None:
    for email in (sam.email, alice.email, "nobody@example.org", "nonsense"):
        with pytest.raises(CommandError) as told:
            readmit(email)
        assert told.value.returncode == 2
        assert str(told.value) == (
            f"{email} is not the address of an administrator. Administrators: ada@example.org. "
            "To make one, run `portal staff add --all`. The office lets everybody else in."
        )
    User.objects.update(is_superuser=False)
    with pytest.raises(CommandError, match=r"There is none yet\."):
        readmit(ada.email)
    assert not OutgoingMail.objects.exists()
    assert not HistoryEntry.objects.exists()
    assert sign_in(Client(), sam.email, factories.PASSWORD)["Location"] == "/"


def test_who_has_not_accepted_the_invitation_needs_that() -> None:
    names = ("--first-name", "Nora", "--last-name", "New")
    call_command("staff_add", "nora@example.org", "--all", *names, stdout=StringIO())

    with pytest.raises(CommandError, match=r"portal invite --email nora@example\.org --again"):
        readmit("nora@example.org")
    assert OutgoingMail.objects.get().kind == "invitation"


def test_where_mail_does_not_reach_them_a_new_invitation_is_shown() -> None:
    names = ("--first-name", "Nora", "--last-name", "New")
    call_command("staff_add", "nora@example.org", "--all", *names, stdout=StringIO())
    OutgoingMail.objects.all().delete()

    told = readmit("Nora@example.org", "--show-link")

    link = re.match(r"http://localhost:8000(/invitation/\S+/)\n", told)
    assert link
    assert "Hand this link to nora@example.org in person. It lets in anybody who has it." in told
    assert "works once, for 14 days" in told
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.kind) == ("nora@example.org", "invited_in_person")
    assert "/invitation/" not in mail.text + mail.html
    browser = Client()
    assert browser.post(link[1], {"password": NEW})["Location"] == "/"
    assert browser.get("/office/").status_code == 200
    assert Client().post(link[1], {"password": "other words together"}).status_code == 410
    with pytest.raises(CommandError, match=r"is not the address of an administrator"):
        readmit("sam@example.org", "--show-link")


def test_an_invitation_of_two_people_at_one_address_is_shown_to_nobody() -> None:
    User.objects.create_user("nora@example.org", is_staff=True, is_superuser=True)
    with pytest.raises(CommandError, match=r"^Nobody can be invited at nora@example\.org\. "):
        readmit("nora@example.org", "--show-link")
    for name in ("Nora", "Noah"):
        factories.person(name, "New", email="nora@example.org", has_account=False)
    with pytest.raises(CommandError, match=r"^Nobody can be invited at nora@example\.org\. "):
        readmit("nora@example.org", "--show-link")
    assert not OutgoingMail.objects.exists()
