"""The office's pages of people, accounts, mail and history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.core.mail.words import words_of
from portal.core.models import BodyDetails, HistoryEntry, OutgoingMail
from portal.people.attaching_accounts import HasAccount, settle_claim
from portal.people.emails import queue_username
from portal.people.models import AccountClaim, Person
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of: Callable[[Person], Client], sam: Person) -> Client:
    return client_of(sam)


PAGES = (
    "/office/",
    "/office/people/person/",
    "/office/people/accountclaim/",
    "/office/people/invitation/",
    "/office/accounts/user/",
    "/office/core/body/",
    "/office/core/bodydetails/",
    "/office/core/outgoingmail/",
    "/office/core/historyentry/",
)


@pytest.mark.parametrize("page", PAGES)
def test_staff_see_it_and_members_do_not(
    client_of: Callable[[Person], Client], office: Client, alice: Person, page: str
) -> None:
    answer = office.get(page)
    assert answer.status_code == 200
    assert "IT office" in answer.text
    assert "'self'" in answer["Content-Security-Policy"]
    assert client_of(alice).get(page, follow=True).status_code == 403


def test_staff_delete_nothing(office: Client, alice: Person) -> None:
    assert office.post(f"/office/people/person/{alice.pk}/delete/").status_code == 403
    assert office.post(f"/office/accounts/user/{alice.user_id}/delete/").status_code == 403


def test_an_account_page_shows_no_password(office: Client, alice: Person) -> None:
    page = office.get(f"/office/accounts/user/{alice.user_id}/change/").text
    assert "alice@example.org" in page
    alice.user.refresh_from_db()
    assert alice.user.password not in page
    assert "password" not in page.lower()


def test_staff_close_and_open_an_account(
    client_of: Callable[[Person], Client], office: Client, alice: Person
) -> None:
    hers = client_of(alice)
    act = {"_selected_action": [alice.user_id]}
    asked = office.post("/office/accounts/user/", {"action": "close", **act})
    assert "Close this account?" in asked.text
    assert hers.get("/account/").status_code == 200
    office.post("/office/accounts/user/", {"action": "close", "sure": "Close", **act})
    assert hers.get("/account/").status_code == 302
    office.post("/office/accounts/user/", {"action": "open", **act})
    assert client_of(alice).get("/account/").status_code == 200
    told = office.get("/office/accounts/user/").text
    assert "The account alice@example.org is closed now." in told
    assert "The account alice@example.org is open now." in told
    entries = HistoryEntry.objects.filter(act="account changed").order_by("pk")
    assert [entry.detail["after"]["is_active"] for entry in entries] == [False, True]
    assert {entry.actor_label for entry in entries} == {"sam@example.org"}


def test_staff_do_not_shut_themselves_out(office: Client, sam: Person) -> None:
    answer = office.post(
        "/office/accounts/user/",
        {"action": "close", "sure": "Close", "_selected_action": [sam.user_id]},
        follow=True,
    )
    assert "You cannot change your own account. Ask a colleague to do it." in answer.text
    sam.user.refresh_from_db()
    assert sam.user.is_active


def test_a_refusal_is_not_told_as_a_success(alice: Person) -> None:
    office = factories.proven_client_of(factories.administrator())
    page = f"/office/accounts/user/{alice.user_id}/change/"
    answer = office.post(page, {"is_active": "on", "is_superuser": "on"}, follow=True)
    assert "An administrator must also work in the office." in answer.text
    assert "successfully" not in answer.text
    assert not LogEntry.objects.exists()
    alice.user.refresh_from_db()
    assert not alice.user.is_superuser


def test_staff_do_not_change_a_superuser_nor_become_one(
    office: Client, sam: Person, alice: Person
) -> None:
    User.objects.filter(pk=alice.user_id).update(is_superuser=True, is_staff=True)
    chosen = {"action": "close", "sure": "Close", "_selected_action": [alice.user_id]}
    office.post("/office/accounts/user/", chosen)
    office.post(
        f"/office/accounts/user/{sam.user_id}/change/",
        {"is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )
    alice.user.refresh_from_db()
    sam.user.refresh_from_db()
    assert alice.user.is_active
    assert not sam.user.is_superuser


def test_a_mail_is_sent_again_and_a_secret_one_that_has_gone_is_not(
    office: Client, alice: Person
) -> None:
    queue_username(alice, to=alice.email, at=timezone.now())
    now = timezone.now()
    plain = OutgoingMail.objects.get()
    OutgoingMail.objects.filter(pk=plain.pk).update(sent_at=now, attempts=1)
    secret = OutgoingMail.objects.create(
        kind="invitation", to=alice.email, subject="x", text="", sender="x", message_id="<x@y>",
        is_secret=True, sent_at=now,
    )  # fmt: skip
    answer = office.post(
        "/office/core/outgoingmail/",
        {"action": "send_again", "_selected_action": [plain.pk, secret.pk]},
        follow=True,
    )
    first_id = plain.message_id
    plain.refresh_from_db()
    secret.refresh_from_db()
    assert (plain.sent_at, plain.attempts) == (None, 0)
    assert plain.message_id != first_id
    assert HistoryEntry.objects.get(act="mail sent again").detail == {"before": first_id}
    assert secret.sent_at == now
    assert (
        "1 cannot be sent again: they carried a link or code, or their words have been"
    ) in answer.text


def test_the_link_in_an_unsent_invitation_is_not_shown_to_staff(office: Client) -> None:
    factories.person("Ina", "Invited", email="ina@example.org", has_account=False)
    person = Person.objects.get(email="ina@example.org")
    office.post(
        "/office/people/person/",
        {"action": "send_new_invitation", "_selected_action": [person.pk]},
    )
    mail = OutgoingMail.objects.get()
    page = office.get(f"/office/core/outgoingmail/{mail.pk}/change/").text
    assert "localhost:8000/invitation/" in words_of(mail).text
    assert "localhost:8000/invitation/" not in page
    assert "so they are not shown here" in page


def test_new_details_of_the_body_are_a_row_of_their_own(office: Client) -> None:
    old = BodyDetails.objects.get()
    typed = {
        field.name: getattr(old, field.name)
        for field in BodyDetails._meta.fields
        if field.name not in {"id", "body"}
    }
    office.post(
        f"/office/core/bodydetails/{old.pk}/change/",
        {**typed, "name": "Institute of Renaming", "valid_from": "2026-01-01", "_saveasnew": "1"},
    )
    old.refresh_from_db()
    assert old.name == "Institute of Testing"
    assert BodyDetails.objects.in_force().name == "Institute of Renaming"
    assert HistoryEntry.objects.get().act == "body details added"


def test_a_claim_is_not_settled_for_who_has_an_account(alice: Person, sam: Person) -> None:
    claim = AccountClaim.objects.create(user=factories.account("other@example.org"))
    with pytest.raises(HasAccount, match="Alice Archer already has an account"):
        settle_claim(claim, alice, actor=sam.user, at=timezone.now())
    assert AccountClaim.objects.count() == 1


def test_a_claim_of_nobody_known_makes_a_person(office: Client) -> None:
    user = factories.account("other@example.org")
    User.objects.filter(pk=user.pk).update(signup_first_name="Odd", signup_last_name="One")
    claim = AccountClaim.objects.create(user=user)
    office.post(f"/office/people/accountclaim/{claim.pk}/change/", {"person": ""})
    person = Person.objects.get(user=user)
    assert (person.full_name, person.email) == ("Odd One", "other@example.org")


def test_the_history_of_a_row_is_the_portals_own(
    client_of: Callable[[Person], Client], office: Client, alice: Person, charlie: Person
) -> None:
    act = {"_selected_action": [alice.user_id], "sure": "Close"}
    office.post("/office/accounts/user/", {"action": "close", **act})
    for page in (f"accounts/user/{alice.user_id}", f"people/person/{alice.pk}"):
        told = office.get(f"/office/{page}/history/").text
        assert "History of " in told
        assert "Account changed" in told
        assert "sam@example.org" in told
    other = office.get(f"/office/people/person/{charlie.pk}/history/").text
    assert "Account changed" not in other
    assert "The history has nothing about this yet" in other
    assert office.get("/office/people/person/999999/history/").status_code == 404
    assert client_of(alice).get(f"/office/people/person/{alice.pk}/history/").status_code != 200


def test_a_name_that_no_document_can_show_is_told_before_an_invoice_is_issued(sam, client_of):
    office = client_of(sam)
    typed = {
        **{f"{rows}-{count}": 0 for rows in ("phones", "addresses") for count in COUNTS},
        **dict.fromkeys(["consents-TOTAL_FORMS", "consents-INITIAL_FORMS"], 0),
        "first_name": "山田",
        "last_name": "Łuczak",
        "email": "",
    }

    page = office.post("/office/people/person/add/", typed, follow=True).content.decode()

    assert "Invoices show ? for 山田, because our fonts do not have it." in page


COUNTS = ("TOTAL_FORMS", "INITIAL_FORMS")
