"""Anyone without a postal address adds one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.people.addresses import HasAddress, add_first_address
from portal.people.models import Address, Person
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/account/address/"
TYPED = {
    "line_1": "Flat 2",
    "line_2": "9 High Street",
    "line_3": "",
    "town": "York",
    "county": "",
    "postcode": "yo17aa",
    "country": "GB",
}


@pytest.fixture
def nora() -> Person:
    """A customer who has made their own account."""
    nora = factories.person("Nora", "New")
    nora.addresses.all().delete()
    return nora


def test_it_is_added_for_all_uses_and_shown(
    client_of: Callable[[Person], Client], nora: Person
) -> None:
    browser = client_of(nora)
    assert f'href="{PAGE}"' in browser.get("/account/").text
    answer = browser.post(PAGE, TYPED, follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    assert "Your address is saved." in answer.text
    assert f'href="{PAGE}"' not in answer.text
    kept = nora.addresses.get()
    assert kept.lines == ["Flat 2", "9 High Street", "York", "YO1 7AA"]
    assert kept.uses == ["Mailing", "Shipping", "Billing"]
    entry = HistoryEntry.objects.get()
    assert (entry.act, entry.actor_label) == ("address added", nora.email)


def main(page: str) -> str:
    """The page without its head and foot."""
    return page.partition('<div class="page__before">')[2].partition("</main>")[0]


@pytest.mark.parametrize("typed", [{}, TYPED | {"postcode": ""}])
def test_from_the_checkout_it_leads_back_there(
    client_of: Callable[[Person], Client], nora: Person, typed: dict[str, str]
) -> None:
    browser = client_of(nora)
    assert main(browser.get(f"{PAGE}?next=/checkout/").text).count('"/checkout/"') == 3
    page = browser.post(PAGE, typed | {"next": "/checkout/"})
    assert main(page.text).count('"/checkout/"') == 3
    assert browser.post(PAGE, TYPED | {"next": "/checkout/"})["Location"] == "/checkout/"
    assert browser.get(f"{PAGE}?next=/checkout/")["Location"] == "/checkout/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "javascript:a()"])
def test_it_leads_nowhere_else(
    client_of: Callable[[Person], Client], nora: Person, evil: str
) -> None:
    browser = client_of(nora)
    assert evil not in main(browser.get(PAGE, {"next": evil}).text)
    assert browser.post(PAGE, TYPED | {"next": evil})["Location"] == "/account/"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"line_1": ""}, "Enter the first line of your address"),
        ({"town": " "}, "Enter your town or city"),
        ({"postcode": ""}, "Enter your postcode"),
        (
            {"postcode": "Y01"},
            "Enter a full UK postcode, such as LS1 4AP, or choose the country if it is not in the "
            "UK",
        ),
        ({"line_1": "x" * 81}, "Address line 1 must be 80 characters or less"),
        ({"country": "XX"}, "Choose one of the options for country"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    client_of: Callable[[Person], Client], nora: Person, typed: dict[str, str], sentence: str
) -> None:
    page = client_of(nora).post(PAGE, TYPED | typed)
    assert page.status_code == 200
    assert page.text.count(sentence) == 2
    assert 'value="9 High Street"' in page.text
    assert not nora.addresses.exists()


def test_a_postcode_elsewhere_is_kept_as_typed(
    client_of: Callable[[Person], Client], nora: Person
) -> None:
    client_of(nora).post(PAGE, TYPED | {"postcode": "D02 X285", "country": "IE"})
    assert nora.addresses.get().lines[-2:] == ["D02 X285", "Ireland"]


def test_who_has_one_is_told(client_of: Callable[[Person], Client], alice: Person) -> None:
    before = alice.addresses.get()
    browser = client_of(alice)
    told = browser.get(PAGE, follow=True)
    assert told.redirect_chain == [("/account/", 302)]
    assert "We already have your address. If it is wrong, tell the office." in told.text
    browser.post(PAGE, TYPED)
    assert alice.addresses.get() == before


def test_sent_twice_it_is_the_same(nora: Person) -> None:
    def add(**changed: str) -> Address:
        return add_first_address(
            nora, address=Address(**(TYPED | changed)), actor="test", at=timezone.now()
        )

    first = add()
    assert add() == first
    with pytest.raises(HasAddress):
        add(town="Hull")
    assert nora.addresses.get() == first
