"""The office enters and corrects people; what they sign in with stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.people.editing_people import SignInStays, correct_person, enter_person
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
NO_ROWS = {
    f"{rows}-{count}_FORMS": 0
    for rows in ("phones", "addresses", "consents")
    for count in ("TOTAL", "INITIAL")
}


def told(act: str) -> list[dict[str, object]]:
    return list(HistoryEntry.objects.filter(act=act).values_list("detail", flat=True))


def test_only_what_differs_is_written_and_told() -> None:
    person = factories.person("Mary", "Moss", email="mary@example.org", has_account=False)
    Person.objects.filter(pk=person.pk).update(purchase_order_number="PO 1")
    at = timezone.now()
    corrected = correct_person(
        person, actor="sam", at=at, first_name="Mary", last_name="Marsh", email=" M@Example.org"
    )
    person.refresh_from_db()
    assert corrected == person
    assert (person.full_name, person.email) == ("Mary Marsh", "m@example.org")
    assert person.purchase_order_number == "PO 1"
    assert told("person changed") == [{"fields": ["last_name", "email"]}]
    correct_person(person, actor="sam", at=at, last_name="Marsh")
    assert len(told("person changed")) == 1


def test_the_purchase_order_number_changes_by_its_own_act(alice: Person) -> None:
    correct_person(alice, actor="sam", at=timezone.now(), purchase_order_number=" PO 7 ")
    alice.refresh_from_db()
    assert alice.purchase_order_number == "PO 7"
    assert told("purchase order changed") == [{"before": "", "after": "PO 7"}]
    assert told("person changed") == []


def test_what_somebody_signs_in_with_stays(alice: Person) -> None:
    sentence = (
        "^Alice Archer signs in with alice@example.org, so you cannot change the email address "
        "here."
    )
    with pytest.raises(SignInStays, match=sentence):
        correct_person(
            alice, actor="sam", at=timezone.now(), first_name="Ali", email="a@example.org"
        )
    alice.refresh_from_db()
    assert (alice.first_name, alice.email) == ("Alice", "alice@example.org")
    correct_person(alice, actor="sam", at=timezone.now(), email="Alice@example.org ")
    assert HistoryEntry.objects.count() == 0


def test_who_is_new_is_kept_with_a_tidy_address() -> None:
    person = Person(first_name="Nora", last_name="New", email=" Nora@Example.org")
    enter_person(person, actor="sam", at=timezone.now())
    assert Person.objects.get().email == "nora@example.org"
    assert told("person added") == [{}]


# --- The office's page -----------------------------------------------------------------------
def test_the_office_corrects_a_member_but_not_their_sign_in(
    client_of: Callable[[Person], Client], sam: Person, alice: Person
) -> None:
    page = reverse("admin:people_person_change", args=[alice.pk])
    client = client_of(sam)
    assert 'name="email"' not in client.get(page).text
    typed = {
        "title": "Dr",
        "first_name": "Alice",
        "last_name": "Archer",
        "email": "other@example.org",
        "purchase_order_number": "PO 7",
    }
    assert client.post(page, typed | NO_ROWS).status_code == 302
    alice.refresh_from_db()
    assert (alice.title, alice.email) == ("Dr", "alice@example.org")
    assert told("person changed") == [{"fields": ["title"]}]
    assert told("purchase order changed") == [{"before": "", "after": "PO 7"}]


def test_the_office_corrects_the_address_of_who_has_no_account(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    client = client_of(sam)
    typed = {"first_name": "Nora", "last_name": "New", "email": "Nora@example.org"}
    assert client.post(reverse("admin:people_person_add"), typed | NO_ROWS).status_code == 302
    nora = Person.objects.get(last_name="New")
    assert nora.email == "nora@example.org"
    page = reverse("admin:people_person_change", args=[nora.pk])
    assert 'name="email"' in client.get(page).text
    assert client.post(page, typed | NO_ROWS | {"email": "N@example.org"}).status_code == 302
    nora.refresh_from_db()
    assert nora.email == "n@example.org"
