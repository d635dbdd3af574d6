"""The office's rights, and what the office does to accounts: who may, and by what proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.views import LoginView
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.staff import (
    NotInOffice,
    OwnAccount,
    Standing,
    remove_second_step,
    set_open,
    set_standing,
)
from portal.core.models import Body, HistoryEntry, OutgoingMail
from portal.core.office.administering import NotAdministrator, ProofNeeded
from portal.people.models import Person
from tests import factories
from tests.accounts.test_second_step import code_for, enter, set_up

pytestmark = pytest.mark.django_db
ACCOUNTS = "/office/accounts/user/"
MEMBER = Standing(is_active=True, is_staff=False, is_superuser=False)
STAFF = Standing(is_active=True, is_staff=True, is_superuser=False)
ADMINISTRATOR = Standing(is_active=True, is_staff=True, is_superuser=True)
CLOSED = Standing(is_active=False, is_staff=False, is_superuser=False)
REFUSED = "Only an administrator can change this. Nothing was changed."


@pytest.fixture
def ada(db: None) -> Person:
    return factories.administrator()


@pytest.fixture
def tom(db: None) -> Person:
    """Sam's colleague."""
    return factories.person("Tom", "Taylor", email="tom@example.org", is_staff=True)


def standing(who: Person) -> Standing:
    return Standing.of(User.objects.get(pk=who.user_id))


def change(who: Person, to: Standing, *, by: Person, minutes: float | None = 0) -> None:
    """As a session would that was last proved some minutes ago."""
    now = timezone.now()
    proved_at = None if minutes is None else now - timedelta(minutes=minutes)
    user = User.objects.get(pk=who.user_id)
    set_standing(user, to, actor=by.user, proved_at=proved_at, at=now)


def page_of(who: Person) -> str:
    return f"{ACCOUNTS}{who.user_id}/change/"


def ticked(standing: Standing) -> dict[str, str]:
    """What the form of the page sends."""
    return {name: "on" for name, is_ticked in vars(standing).items() if is_ticked}


# --- The acts -----------------------------------------------------------------------------------
@pytest.mark.parametrize("to", [STAFF, ADMINISTRATOR])
def test_the_rights_are_not_given_by_other_staff(alice: Person, sam: Person, to: Standing) -> None:
    with pytest.raises(NotAdministrator, match=f"^{REFUSED}$"):
        change(alice, to, by=sam)
    assert standing(alice) == MEMBER
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("to", [MEMBER, CLOSED, ADMINISTRATOR, Standing(False, True, False)])
def test_nor_is_the_account_of_a_colleague_changed(tom: Person, sam: Person, to: Standing) -> None:
    with pytest.raises(NotAdministrator):
        change(tom, to, by=sam)
    assert standing(tom) == STAFF


def test_nor_by_members(alice: Person, bob: Person) -> None:
    for to in (STAFF, CLOSED):
        with pytest.raises(NotAdministrator):
            change(alice, to, by=bob)
    assert standing(alice) == MEMBER


def test_nor_by_who_was_an_administrator_until_just_now(ada: Person, alice: Person) -> None:
    User.objects.filter(pk=ada.user_id).update(is_superuser=False)
    with pytest.raises(NotAdministrator):
        change(alice, STAFF, by=ada)
    User.objects.filter(pk=ada.user_id).update(is_superuser=True, is_active=False)
    with pytest.raises(NotAdministrator):
        change(alice, STAFF, by=ada)
    assert standing(alice) == MEMBER


@pytest.mark.parametrize("minutes", [None, 5, 60, -1])
def test_an_administrator_has_to_have_proved_just_now_that_it_is_them(
    ada: Person, alice: Person, sam: Person, minutes: float | None
) -> None:
    with pytest.raises(ProofNeeded):
        change(alice, STAFF, by=ada, minutes=minutes)
    with pytest.raises(ProofNeeded):
        change(sam, CLOSED, by=ada, minutes=minutes)
    assert (standing(alice), standing(sam)) == (MEMBER, STAFF)


def test_the_history_and_the_holder_are_told(ada: Person, alice: Person) -> None:
    for to in (STAFF, ADMINISTRATOR, STAFF, MEMBER):
        change(alice, to, by=ada, minutes=4.9)

    entries = HistoryEntry.objects.filter(act="account changed").order_by("pk")
    assert [entry.detail["after"] for entry in entries] == [
        vars(to) for to in (STAFF, ADMINISTRATOR, STAFF, MEMBER)
    ]
    assert [entry.detail["before"] for entry in entries] == [
        vars(was) for was in (MEMBER, STAFF, ADMINISTRATOR, STAFF)
    ]
    assert {(entry.actor_label, entry.object_label) for entry in entries} == {
        ("ada@example.org", "alice@example.org")
    }
    mails = OutgoingMail.objects.filter(to="alice@example.org").order_by("pk")
    said = [mail.text.removeprefix("Hello,\n\n").partition(". ")[0] for mail in mails]
    assert said == [
        "You still work in the portal’s office, but no longer as an administrator",
        "You now work in the portal’s office as an administrator",
        "You still work in the portal’s office, but no longer as an administrator",
        "You no longer work in the portal’s office",
    ]
    assert all("We have signed you out of every browser" in mail.text for mail in mails)
    assert all("tell us straight away" in mail.text for mail in mails)


def test_nobody_changes_their_own_so_one_administrator_is_left(ada: Person) -> None:
    for to in (MEMBER, STAFF, CLOSED):
        with pytest.raises(OwnAccount):
            change(ada, to, by=ada)
    assert standing(ada) == ADMINISTRATOR


def test_an_administrator_works_in_the_office(ada: Person, alice: Person) -> None:
    with pytest.raises(NotInOffice, match="Tick “works in the office” as well"):
        change(alice, Standing(True, False, True), by=ada)
    assert standing(alice) == MEMBER


def test_staff_close_members_accounts_without_a_proof(alice: Person, sam: Person) -> None:
    change(alice, CLOSED, by=sam, minutes=None)
    assert standing(alice) == CLOSED
    change(alice, MEMBER, by=sam, minutes=None)
    assert standing(alice) == MEMBER


def test_the_second_step_of_staff_is_taken_away_by_administrators_alone(
    ada: Person, sam: Person, tom: Person, client_of: Callable[[Person], Client]
) -> None:
    set_up(client_of(tom))
    now = timezone.now()
    user = User.objects.get(pk=tom.user_id)

    with pytest.raises(NotAdministrator):
        remove_second_step(user, actor=sam.user, proved_at=now, at=now)
    with pytest.raises(ProofNeeded):
        remove_second_step(user, actor=ada.user, proved_at=None, at=now)
    with pytest.raises(OwnAccount):
        remove_second_step(user, actor=user, proved_at=now, at=now)
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    assert remove_second_step(user, actor=ada.user, proved_at=now, at=now)
    assert not Authenticator.objects.filter(user=user).exists()
    assert not remove_second_step(user, actor=ada.user, proved_at=now, at=now)


# --- The office's page --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "forged", [STAFF, ADMINISTRATOR, Standing(True, False, True), Standing(False, True, False)]
)
def test_a_forged_form_of_other_staff_changes_nothing_and_says_so(
    alice: Person, sam: Person, client_of: Callable[[Person], Client], forged: Standing
) -> None:
    office = client_of(sam)
    page = office.get(page_of(alice)).text
    assert 'name="is_active"' in page
    assert 'name="is_staff"' not in page
    assert 'name="is_superuser"' not in page
    assert "Only an administrator can change these" in page

    answer = office.post(page_of(alice), ticked(forged), follow=True)

    assert REFUSED in answer.text
    assert "successfully" not in answer.text
    assert standing(alice) == MEMBER
    assert not LogEntry.objects.exists()


def test_other_staff_only_look_at_a_colleagues_account(
    tom: Person, sam: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(sam)
    page = office.get(page_of(tom)).text

    assert "tom@example.org" in page
    assert 'name="_save"' not in page
    assert office.post(page_of(tom), {"is_active": "on"}).status_code == 403
    assert standing(tom) == STAFF


def test_an_administrator_gives_and_takes_the_rights_there(ada: Person, alice: Person) -> None:
    office = factories.proven_client_of(ada)
    assert 'name="is_superuser"' in office.get(page_of(alice)).text

    office.post(page_of(alice), ticked(STAFF))
    assert standing(alice) == STAFF
    office.post(page_of(alice), ticked(MEMBER))
    assert standing(alice) == MEMBER
    answer = office.post(page_of(alice), ticked(Standing(True, False, True)), follow=True)
    assert "An administrator must also work in the office." in answer.text
    assert standing(alice) == MEMBER


@pytest.mark.parametrize("has_second_step", [True, False])
@pytest.mark.parametrize("query", ["", "?_changelist_filters=is_staff__exact%3D1"])
def test_without_a_fresh_proof_it_is_asked_for_and_what_was_sent_goes_on(
    ada: Person,
    alice: Person,
    client_of: Callable[[Person], Client],
    has_second_step: bool,
    query: str,
) -> None:
    office = client_of(ada)
    secret = set_up(office) if has_second_step else ""
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        led = office.post(page_of(alice) + query, ticked(STAFF))["Location"]
        assert standing(alice) == MEMBER
        given = {"code": code_for(secret)} if secret else {"password": factories.PASSWORD}

        back = office.post(led, given)

    way = "/sign-in/again/second-step/" if has_second_step else "/sign-in/again/"
    assert led.partition("?")[0] == way
    assert standing(alice) == STAFF
    assert back["Location"] == f"{ACCOUNTS}?is_staff__exact=1" if query else ACCOUNTS
    assert HistoryEntry.objects.filter(act="account changed").count() == 1


def test_a_wrong_proof_changes_nothing(
    ada: Person, alice: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(ada)
    led = office.post(page_of(alice), ticked(STAFF))["Location"]

    office.post(led, {"password": "not hers at all"})

    assert standing(alice) == MEMBER


def test_a_password_is_no_proof_where_there_is_a_second_step(
    ada: Person, alice: Person, client_of: Callable[[Person], Client]
) -> None:
    set_up(client_of(ada))
    office = factories.proven_client_of(ada)

    led = office.post(page_of(alice), ticked(STAFF))["Location"]

    assert led.startswith("/sign-in/again/second-step/")
    assert standing(alice) == MEMBER


def test_who_has_nothing_to_prove_it_by_sets_a_password(
    ada: Person, alice: Person, client_of: Callable[[Person], Client]
) -> None:
    user = User.objects.get(pk=ada.user_id)
    user.set_unusable_password()
    user.save()
    office = client_of(ada)

    led = office.post(page_of(alice), ticked(STAFF))["Location"]

    assert "<h1>Set a password</h1>" in office.get(led).text
    assert standing(alice) == MEMBER


ACTIONS = ("close", "open", "take_second_step_away")


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_obey_the_same_rule(
    alice: Person, sam: Person, tom: Person, client_of: Callable[[Person], Client], action: str
) -> None:
    set_up(client_of(tom))
    User.objects.filter(pk__in=[alice.user_id, tom.user_id]).update(is_active=action != "open")
    before = standing(tom)
    chosen = {"action": action, "_selected_action": [alice.user_id, tom.user_id], "sure": "yes"}

    answer = client_of(sam).post(ACCOUNTS, chosen, follow=True)

    assert f"The account tom@example.org has not been changed. {REFUSED}" in answer.text
    assert standing(tom) == before
    assert Authenticator.objects.filter(user=tom.user, type="totp").exists()
    assert standing(alice).is_active == (action != "close")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_asks_for_a_proof_before_it_does_any(
    ada: Person, alice: Person, sam: Person, client_of: Callable[[Person], Client], action: str
) -> None:
    set_up(client_of(sam))
    pair = User.objects.filter(pk__in=[alice.user_id, sam.user_id])
    pair.update(is_active=action != "open")
    before = standing(alice), standing(sam)
    office = client_of(ada)
    chosen = {"action": action, "_selected_action": [alice.user_id, sam.user_id], "sure": "yes"}

    led = office.post(f"{ACCOUNTS}?q=example", chosen)["Location"]

    assert led.startswith("/sign-in/again/?")
    assert (standing(alice), standing(sam)) == before
    office.post(led, {"password": factories.PASSWORD})
    assert {user.is_active for user in pair} == {action != "close"}
    assert Authenticator.objects.filter(user=sam.user).exists() == (
        action != "take_second_step_away"
    )


@pytest.mark.parametrize("given", ["to the account", "to its group"])
def test_djangos_permissions_and_groups_give_nothing(
    sam: Person, alice: Person, client_of: Callable[[Person], Client], given: str
) -> None:
    every = Permission.objects.all()
    if given == "to the account":
        sam.user.user_permissions.set(every)
    else:
        group = Group.objects.create(name="Everything")
        group.permissions.set(every)
        sam.user.groups.add(group)
    office = client_of(sam)

    assert office.post(f"/office/people/person/{alice.pk}/delete/").status_code == 403
    office.post(page_of(alice), ticked(ADMINISTRATOR))
    office.post("/office/core/body/1/change/", {"staff_second_step": "on"})
    fresh = User.objects.get(pk=sam.user_id)
    assert standing(alice) == MEMBER
    assert not Body.objects.get().staff_second_step
    assert not fresh.has_perm("people.delete_person")
    assert not fresh.has_perm("auth.add_group")
    assert not fresh.has_module_perms("auth")
    assert fresh.has_perm("people.change_person")


def test_no_page_of_a_library_goes_round_the_acts() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert registered.isdisjoint(
        {model._meta.label for model in (Authenticator, EmailAddress, Group)}
    )
    assert [label for label in registered if label.startswith(("auth.", "mfa.", "account."))] == []


# --- The body's switch --------------------------------------------------------------------------
SWITCH = "/office/core/body/1/change/"


def test_other_staff_do_not_turn_the_second_step_off(
    sam: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(sam)
    secret = set_up(office)
    Body.objects.update(staff_second_step=True)
    page = office.get(SWITCH).text
    assert 'name="staff_second_step"' not in page
    assert "Only an administrator can change this, and must confirm" in page

    office.post(SWITCH, {"legacy_invoices_note": "Older ones are with us.", "forget_mail_days": 90})
    assert Body.objects.get().staff_second_step
    assert Body.objects.get().legacy_invoices_note == "Older ones are with us."
    enter(office, "/sign-in/again/second-step/", secret)
    answer = office.post(
        SWITCH,
        {"staff_second_step": "", "legacy_invoices_note": "x", "forget_mail_days": 90},
        follow=True,
    )

    assert REFUSED in answer.text
    assert Body.objects.get().staff_second_step
    assert Body.objects.get().legacy_invoices_note == "Older ones are with us."


def test_an_administrator_turns_it_on_with_a_proof(
    ada: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(ada)
    sent = {
        "staff_second_step": "on",
        "legacy_invoices_note": "Older ones are with us.",
        "forget_mail_days": 90,
    }

    led = office.post(SWITCH, sent)["Location"]
    assert not Body.objects.get().staff_second_step
    assert Body.objects.get().legacy_invoices_note == ""
    office.post(led, {"password": factories.PASSWORD})

    assert Body.objects.get().staff_second_step
    assert Body.objects.get().legacy_invoices_note == "Older ones are with us."
    entries = HistoryEntry.objects.filter(act="body changed").order_by("pk")
    assert [(entry.actor_label, entry.detail) for entry in entries] == [
        (
            "ada@example.org",
            {"before": {"staff_second_step": False}, "after": {"staff_second_step": True}},
        ),
        (
            "ada@example.org",
            {
                "before": {"legacy_invoices_note": ""},
                "after": {"legacy_invoices_note": "Older ones are with us."},
            },
        ),
    ]


def test_a_page_that_changes_neither_needs_no_proof(
    ada: Person, alice: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(ada)
    assert (
        office.post(SWITCH, {"legacy_invoices_note": "x", "forget_mail_days": 90})["Location"]
        == "/office/core/body/"
    )
    closed: dict[str, Any] = ticked(CLOSED)
    assert office.post(page_of(alice), closed)["Location"] == ACCOUNTS
    assert standing(alice) == CLOSED


# --- Django's own way in --------------------------------------------------------------------
def test_djangos_own_sign_in_takes_no_password(
    client_of: Callable[[Person], Client], sam: Person, alice: Person
) -> None:
    """It would count no wrong one, ask for no second step, and change whose session it is."""
    ada = factories.administrator()
    typed = {"username": ada.user.email, "password": factories.PASSWORD}
    office, member = client_of(sam), client_of(alice)

    assert office.post("/office/login/", typed)["Location"] == "/office/"
    assert office.session["_auth_user_id"] == str(sam.user_id)
    assert member.post("/office/login/", typed).status_code == 403
    assert Client().post("/office/login/?next=/office/people/person/", typed)["Location"] == (
        "/sign-in/?next=/office/people/person/"
    )


def test_no_address_leads_to_djangos_own_sign_in() -> None:
    def views(resolver: Any) -> Iterator[Any]:
        for each in resolver.url_patterns:
            if isinstance(each, URLPattern):
                yield each.callback
            else:
                yield from views(each)

    every = list(views(get_resolver()))
    assert len(every) > 100
    assert not [
        view for view in every if issubclass(getattr(view, "view_class", object), LoginView)
    ]


# --- Rights that were taken meanwhile -------------------------------------------------------
def test_closing_an_account_gives_no_rights_back(sam: Person) -> None:
    """The list was read before somebody else took them away."""
    ada, at = factories.administrator(), timezone.now()
    as_listed = User.objects.get(pk=sam.user_id)
    User.objects.filter(pk=sam.user_id).update(is_staff=False)

    set_open(as_listed, is_active=False, actor=ada.user, proved_at=at, at=at)

    assert Standing.of(User.objects.get(pk=sam.user_id)) == Standing(False, False, False)


def test_an_account_with_rights_that_there_should_not_be_can_be_closed(alice: Person) -> None:
    ada, at = factories.administrator(), timezone.now()
    User.objects.filter(pk=alice.user_id).update(is_superuser=True)

    set_open(alice.user, is_active=False, actor=ada.user, proved_at=at, at=at)

    assert not User.objects.get(pk=alice.user_id).is_active


def test_ones_own_account_is_looked_at(
    ada: Person, alice: Person, client_of: Callable[[Person], Client]
) -> None:
    office = client_of(ada)

    own = office.get(page_of(ada)).text
    assert "You cannot change your own." in own
    assert 'name="is_active"' not in own
    assert 'name="is_staff"' not in own
    assert 'name="_save"' not in own
    assert office.post(page_of(ada), {"is_active": "on"}).status_code == 403
    ada.user.refresh_from_db()
    assert Standing.of(ada.user) == Standing(is_active=True, is_staff=True, is_superuser=True)
    assert 'name="is_staff"' in office.get(page_of(alice)).text
