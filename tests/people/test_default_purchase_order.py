"""The purchase order number of one's details."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.core.models import HistoryEntry
from portal.people.models import Person

pytestmark = pytest.mark.django_db
PAGE = "/account/purchase-order/"


def test_it_is_changed_shown_and_kept_in_the_history(
    client_of: Callable[[Person], Client], alice: Person, bob: Person
) -> None:
    browser = client_of(alice)
    answer = browser.post(PAGE, {"number": "  PO 4711 "}, follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    assert "Your purchase order number is saved." in answer.text
    assert "PO 4711" in answer.text
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.purchase_order_number, bob.purchase_order_number) == ("PO 4711", "")
    entry = HistoryEntry.objects.get()
    assert (entry.act, entry.actor_label) == ("purchase order changed", alice.email)
    assert entry.detail == {"before": "", "after": "PO 4711"}


def test_it_can_be_taken_away(client_of: Callable[[Person], Client], alice: Person) -> None:
    Person.objects.update(purchase_order_number="PO 1")
    assert 'value="PO 1"' in client_of(alice).get(PAGE).text
    client_of(alice).post(PAGE, {"number": ""})
    alice.refresh_from_db()
    assert alice.purchase_order_number == ""


def test_the_same_number_changes_nothing(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    client_of(alice).post(PAGE, {"number": ""})
    assert not HistoryEntry.objects.exists()


def test_its_spaces_are_made_single(client_of: Callable[[Person], Client], alice: Person) -> None:
    client_of(alice).post(PAGE, {"number": " PO  47\t11 "})
    alice.refresh_from_db()
    assert alice.purchase_order_number == "PO 47 11"


def test_one_that_is_too_long_is_told(client_of: Callable[[Person], Client], alice: Person) -> None:
    page = client_of(alice).post(PAGE, {"number": "X" * 41})
    assert page.text.count("Purchase order number must be 40 characters or less") == 2
    assert f'value="{"X" * 41}"' in page.text
    alice.refresh_from_db()
    assert alice.purchase_order_number == ""


def test_it_takes_signing_in(client: Client) -> None:
    assert client.get(PAGE)["Location"] == "/sign-in/?next=/account/purchase-order/"
