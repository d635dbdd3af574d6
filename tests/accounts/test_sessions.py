"""What a session has proved is its own, and what ends the sessions of an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.staff import Standing, remove_second_step, set_standing
from portal.core.models import Body, HistoryEntry, OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_second_step import code_for, enter, set_up
from tests.accounts.test_sign_in import code_of, sign_in
from tests.answering import answered
from tests.people.test_lost_forms import PAGE, shown

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
AGAIN = "/sign-in/again/second-step/"
CODES = "/account/second-step/codes/"
ITS_PAGES = [
    "/account/second-step/",
    "/account/second-step/app/removal/",
    CODES,
    "/account/second-step/codes/new/",
    "/account/second-step/codes/file/",
]


@pytest.fixture
def required(body: object) -> None:
    Body.objects.update(staff_second_step=True)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/purchase-order/").status_code == 200


# --- What a session has proved ----------------------------------------------------------------
def test_a_session_from_before_it_was_set_up_elsewhere_opens_nothing(
    sam: Person, required: None
) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, sam.email, factories.PASSWORD)
    sign_in(elsewhere, sam.email, factories.PASSWORD)

    set_up(here)

    assert here.get("/office/").status_code == 200
    assert here.get(CODES).status_code == 200
    for page in ["/office/", *ITS_PAGES]:
        led = elsewhere.get(page, follow=True).redirect_chain[-1][0]
        assert led.startswith("/sign-in/?next="), page


def test_staff_are_let_on_by_what_the_session_proved_not_the_account(
    client_of: Callable[[Person], Client], sam: Person, required: None
) -> None:
    """As a session that was there before sessions were ended by it."""
    secret = set_up(client_of(sam))
    unproven = client_of(sam)

    led = unproven.get("/office/core/body/?q=a")["Location"]

    assert led == f"{AGAIN}?next=%2Foffice%2Fcore%2Fbody%2F%3Fq%3Da"
    assert "to continue in this browser." in unproven.get(led).text
    assert unproven.get("/account/")["Location"].startswith(AGAIN)
    assert enter(unproven, led, secret)["Location"] == "/office/core/body/?q=a"
    assert unproven.get("/office/").status_code == 200


def test_a_form_of_an_unproven_session_leads_back_to_its_page(
    client_of: Callable[[Person], Client], sam: Person, required: None
) -> None:
    set_up(client_of(sam))

    sent = client_of(sam).post(
        "/office/core/body/1/change/", {"legacy_invoices_note": "x"}, headers={"Referer": "/help/"}
    )

    assert sent["Location"] == f"{AGAIN}?next=%2Fhelp%2F"
    assert Body.objects.get().legacy_invoices_note == ""


@pytest.mark.parametrize("page", ITS_PAGES)
def test_its_pages_ask_members_for_the_second_step_too(
    client_of: Callable[[Person], Client], alice: Person, page: str
) -> None:
    secret = set_up(client_of(alice))
    unproven = client_of(alice)

    led = unproven.get(page)["Location"]
    by_password = unproven.post("/sign-in/again/", {"password": factories.PASSWORD})

    assert led.startswith(f"{AGAIN}?next=")
    assert by_password["Location"] == AGAIN
    assert unproven.get(page)["Location"] == led
    assert unproven.get("/account/").status_code == 200
    assert enter(unproven, led, secret)["Location"] == page
    assert unproven.get(page).status_code == 200


def test_a_password_confirmed_before_does_not_show_the_codes(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    unproven = client_of(alice)
    unproven.post("/sign-in/again/", {"password": factories.PASSWORD})
    session = unproven.session
    set_up(client_of(alice))
    User.objects.filter(pk=alice.user_id).update(session_stamp="")  # as if it did not end others
    assert unproven.session.session_key == session.session_key

    assert unproven.get("/account/").status_code == 200
    assert unproven.get(CODES)["Location"].startswith(AGAIN)


def test_one_app_proved_is_not_another(
    client_of: Callable[[Person], Client], sam: Person, required: None
) -> None:
    browser = client_of(sam)
    set_up(browser)
    Authenticator.objects.filter(user=sam.user).delete()
    secret = get_adapter().encrypt("JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=sam.user, type="totp", data={"secret": secret})

    assert browser.get("/office/")["Location"].startswith(AGAIN)


@pytest.mark.parametrize("by", ["password", "code by email", "recovery code"])
def test_signing_in_with_it_is_a_proof(
    client_of: Callable[[Person], Client], sam: Person, required: None, by: str
) -> None:
    first = client_of(sam)
    secret = set_up(first)
    recovery = re.findall(r"<code>(\d{8})</code>", first.get(CODES).text)[0]
    browser = Client()
    if by == "code by email":
        answered(browser.post("/sign-in/code/", {"email": sam.email}))
        mailed = code_of(OutgoingMail.objects.get(kind="login_code"))
        led = browser.post("/sign-in/code/check/", {"code": mailed})["Location"]
        assert led == "/sign-in/second-step/"
    else:
        sign_in(browser, sam.email, factories.PASSWORD)

    if by == "recovery code":
        browser.post("/sign-in/second-step/", {"code": recovery})
    else:
        enter(browser, "/sign-in/second-step/", secret)

    assert browser.get("/office/").status_code == 200


# --- Half signed in ---------------------------------------------------------------------------
def test_half_signed_in_when_it_is_taken_away_one_begins_again(
    client_of: Callable[[Person], Client], alice: Person, sam: Person
) -> None:
    secret = set_up(client_of(alice))
    half = Client()
    sign_in(half, alice.email, factories.PASSWORD)
    remove_second_step(
        User.objects.get(pk=alice.user_id), actor=sam.user, proved_at=None, at=timezone.now()
    )

    assert half.get("/sign-in/second-step/")["Location"] == "/sign-in/"
    assert enter(half, "/sign-in/second-step/", secret)["Location"] == "/sign-in/"
    assert not is_signed_in(half)
    assert sign_in(half, alice.email, factories.PASSWORD)["Location"] == "/"


def test_half_signed_in_when_the_account_is_closed_nobody_gets_in(
    client_of: Callable[[Person], Client], alice: Person, sam: Person
) -> None:
    secret = set_up(client_of(alice))
    half = Client()
    sign_in(half, alice.email, factories.PASSWORD)
    _stand(alice, sam, is_active=False)

    enter(half, "/sign-in/second-step/", secret)

    assert not is_signed_in(half)


@pytest.mark.parametrize("by", ["password", "code by email"])
@pytest.mark.parametrize("what", ["a new password", "closed and opened"])
def test_half_signed_in_when_the_sessions_end_one_begins_again(
    client_of: Callable[[Person], Client],
    alice: Person,
    sam: Person,
    by: str,
    what: str,
) -> None:
    """Whoever has learned the old password and sees the phone as well is out, too."""
    secret = set_up(client_of(alice))
    half = Client()
    if by == "password":
        sign_in(half, alice.email, factories.PASSWORD)
    else:
        answered(half.post("/sign-in/code/", {"email": alice.email}))
        code = code_of(OutgoingMail.objects.get(kind="login_code"))
        half.post("/sign-in/code/check/", {"code": code})
    assert half.get("/sign-in/second-step/").status_code == 200
    if what == "a new password":
        user = User.objects.get(pk=alice.user_id)
        user.set_password("three quite new words")
        user.save()
    else:
        _close_and_open(alice, sam)

    assert enter(half, "/sign-in/second-step/", secret)["Location"] == "/sign-in/"
    assert not is_signed_in(half)
    assert half.get("/sign-in/second-step/")["Location"] == "/sign-in/"


def test_half_signed_in_when_the_key_is_changed_one_goes_on(
    client_of: Callable[[Person], Client], alice: Person, settings: Any
) -> None:
    secret = set_up(client_of(alice))
    half = Client()
    sign_in(half, alice.email, factories.PASSWORD)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 6

    assert enter(half, "/sign-in/second-step/", secret)["Location"] == "/"


# --- What ends the sessions of an account -----------------------------------------------------
def _stand(who: Person, by: Person, *, proved: bool = False, **changes: bool) -> None:
    now = timezone.now()
    user = User.objects.get(pk=who.user_id)
    standing = Standing(
        **{"is_active": True, "is_staff": False, "is_superuser": False, **changes}  # type: ignore[arg-type]
    )
    set_standing(user, standing, actor=by.user, proved_at=now if proved else None, at=now)


def _close_and_open(who: Person, by: Person) -> None:
    _stand(who, by, is_active=False)
    _stand(who, by, is_active=True)


def _give_and_take(who: Person, by: Person) -> None:
    _stand(who, by, proved=True, is_staff=True)
    _stand(who, by, proved=True)


def _take_away(who: Person, by: Person) -> None:
    user = User.objects.get(pk=who.user_id)
    remove_second_step(user, actor=by.user, proved_at=None, at=timezone.now())


BY_OTHERS: dict[str, Callable[[Person, Person], None]] = {
    "the office takes the second step away": _take_away,
    "closed, though opened again": _close_and_open,
    "made staff": lambda who, by: _stand(who, by, proved=True, is_staff=True),
    "made an administrator": lambda who, by: _stand(
        who, by, proved=True, is_staff=True, is_superuser=True
    ),
    "made staff and no longer": _give_and_take,
    "portal staff add": lambda who, _: call_command("staff_add", who.email, verbosity=0),
}


@pytest.mark.parametrize("what", BY_OTHERS)
def test_what_others_change_ends_every_session(
    alice: Person, client_of: Callable[[Person], Client], what: str
) -> None:
    ada = factories.administrator()
    secret = get_adapter().encrypt("JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=alice.user, type="totp", data={"secret": secret})
    browsers = [client_of(alice), client_of(alice)]
    hers = client_of(ada)
    assert all(is_signed_in(browser) for browser in browsers)

    BY_OTHERS[what](alice, ada)

    assert [is_signed_in(browser) for browser in browsers] == [False, False]
    assert is_signed_in(hers)


OWN = {
    "second step set up": "/account/second-step/app/",
    "second step removed": "/account/second-step/app/removal/",
    "recovery codes made": "/account/second-step/codes/new/",
}


@pytest.mark.parametrize("act", OWN)
def test_what_the_holder_changes_ends_the_other_sessions(
    alice: Person, client_of: Callable[[Person], Client], act: str
) -> None:
    here = client_of(alice)
    if act != "second step set up":
        secret = set_up(here)
        enter(here, AGAIN, secret)
    elsewhere = client_of(alice)
    key = here.session.session_key

    if act == "second step set up":
        set_up(here)
    else:
        here.post(OWN[act])

    assert not is_signed_in(elsewhere)
    assert is_signed_in(here)
    assert here.session.session_key != key
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.act, entry.actor_label) == (act, alice.email)


@pytest.mark.django_db(transaction=True)
def test_the_holder_is_told_that_others_were_signed_out(
    alice: Person, client_of: Callable[[Person], Client]
) -> None:
    here = client_of(alice)
    secret = set_up(here)
    enter(here, AGAIN, secret)
    here.post(OWN["recovery codes made"])
    here.post(OWN["second step removed"])

    mails = OutgoingMail.objects.filter(to=alice.email).order_by("pk")

    assert [mail.subject for mail in mails] == [
        "The second step is now part of your sign-in",
        "You have new recovery codes",
        "The second step is no longer part of your sign-in",
    ]
    assert all("signed you out of every other browser." in mail.text for mail in mails)


def test_what_was_typed_in_a_session_that_was_ended_is_kept(
    alice: Person, sam: Person, client_of: Callable[[Person], Client]
) -> None:
    hers = client_of(alice)
    hers.get(PAGE)
    _close_and_open(alice, sam)

    assert hers.post(PAGE, {"number": "PO 12345"})["Location"] == f"/sign-in/?next={PAGE}"
    sign_in(hers, alice.email, factories.PASSWORD, next=PAGE)

    assert shown(hers.get(PAGE).text) == [("Purchase order number", "PO 12345")]


# --- How a session holds it -------------------------------------------------------------------
def test_it_costs_no_query(
    alice: Person,
    client_of: Callable[[Person], Client],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    browser = client_of(alice)
    with django_assert_num_queries(3):  # the session, the account, the page's body
        browser.get("/help/")


def test_sessions_from_before_the_stamp_go_on(alice: Person) -> None:
    assert alice.user.session_stamp == ""
    assert alice.user.get_session_auth_hash() == AbstractBaseUser.get_session_auth_hash(alice.user)


def test_a_stamped_session_outlives_a_change_of_key(
    alice: Person, sam: Person, client_of: Callable[[Person], Client], settings: Any
) -> None:
    _close_and_open(alice, sam)
    browser = client_of(alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 5

    assert is_signed_in(browser)
    settings.SECRET_KEY_FALLBACKS = []
    settings.SECRET_KEY = "yet-another-key-" * 5
    assert not is_signed_in(browser)


def test_the_code_that_set_it_up_is_no_second_proof(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    browser = client_of(sam)
    secret = set_up(browser)
    assert browser.post(AGAIN, {"code": code_for(secret)}).status_code == 200
