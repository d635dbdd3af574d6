"""Who was signed out from outside reads why, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.staff import Standing, remove_second_step, set_standing
from portal.people.models import Person
from tests import factories
from tests.accounts.test_second_step import set_up
from tests.accounts.test_sign_in import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/purchase-order/"
CHANGE = "/account/password/"


def banner(browser: Client) -> str:
    """What the sign-in page says of why, to this browser; empty where it says nothing."""
    page = unescape(browser.get("/sign-in/").text)
    found = [line for line in page.splitlines() if "You were signed out because" in line]
    return found[0].strip().removeprefix("<p>").removesuffix("</p>") if found else ""


def _earlier(monkeypatch: pytest.MonkeyPatch, browser: Client, who: Person) -> None:
    """Sign in a minute ago: the cookie bears whole seconds."""
    import time

    real = time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() - 60)
        sign_in(browser, who.email, factories.PASSWORD)


def _stand(who: Person, by: Person, at: datetime, **changes: bool) -> None:
    standing = Standing(
        **{"is_active": True, "is_staff": False, "is_superuser": False, **changes}  # type: ignore[arg-type]
    )
    set_standing(who.user, standing, actor=by.user, proved_at=at, at=at)


def _change_password(who: Person) -> None:
    browser = Client()
    sign_in(browser, who.email, factories.PASSWORD)
    new = "four plain words here"
    assert (
        browser.post(CHANGE, {"oldpassword": factories.PASSWORD, "password1": new}).status_code
        == 302
    )


def _remove(who: Person, by: Person) -> None:
    browser = Client()
    sign_in(browser, who.email, factories.PASSWORD)
    set_up(browser)
    remove_second_step(who.user, actor=by.user, proved_at=timezone.now(), at=timezone.now())


CAUSES: dict[str, tuple[Callable[[Person, Person], object], str]] = {
    "password": (lambda who, _: _change_password(who), "your password was changed"),
    "closed": (
        lambda who, by: _stand(who, by, timezone.now(), is_active=False),
        "your account was closed",
    ),
    "rights": (
        lambda who, by: _stand(who, by, timezone.now(), is_staff=True),
        "what you can do in the portal was changed",
    ),
    "the command": (
        lambda who, _: call_command("staff_add", who.email, verbosity=0),
        "what you can do in the portal was changed",
    ),
    "second step": (_remove, "the second step of your account was changed"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_browser_that_was_signed_in_reads_why(
    alice: Person, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    ada = factories.administrator()
    hers, stranger = Client(), Client()
    _earlier(monkeypatch, hers, alice)
    do, why = CAUSES[cause]

    do(alice, ada)

    assert hers.get(PAGE).status_code == 302
    assert banner(hers) == f"You were signed out because {why}."
    assert banner(stranger) == ""


def test_nothing_is_said_of_what_was_before_the_last_sign_in(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = Client()
    _earlier(monkeypatch, hers, alice)
    User.objects.filter(pk=alice.user_id).update(
        sessions_ended_why="password", sessions_ended_at=timezone.now() - timedelta(hours=1)
    )
    hers.cookies.pop(settings.SESSION_COOKIE_NAME)  # the session is lost, and nobody ended it

    assert hers.get(PAGE).status_code == 302
    assert banner(hers) == ""


def test_the_browser_that_changed_the_password_is_not_told_of_it(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = Client()
    _earlier(monkeypatch, hers, alice)
    hers.post(CHANGE, {"oldpassword": factories.PASSWORD, "password1": "four plain words here"})
    hers.cookies.pop(settings.SESSION_COOKIE_NAME)

    assert banner(hers) == ""


def test_who_signed_out_is_told_nothing(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    hers = Client()
    _earlier(monkeypatch, hers, alice)
    hers.post("/sign-out/")
    User.objects.filter(pk=alice.user_id).update(
        sessions_ended_why="closed", sessions_ended_at=timezone.now()
    )

    assert banner(hers) == ""


def test_what_was_typed_is_mentioned_beside_the_reason(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = Client()
    _earlier(monkeypatch, hers, alice)
    _change_password(alice)

    hers.post(PAGE, {"number": "PO 12345"})

    assert banner(hers) == (
        "You were signed out because your password was changed. Sign in and carry on. "
        "We have kept what you typed."
    )
