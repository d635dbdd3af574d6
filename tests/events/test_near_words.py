"""The search forgives a slip, and says so."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from portal.events.near_words import meant
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> None:
    factories.event("one", title="Bankruptcy and insolvency", place="Leeds")
    factories.event("two", title="Zoë’s guide to budgeting", place="", overview="Council tax.")


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("Bankrupcy", "bankruptcy"),
        ("bancruptcy INSOLVENSY", "bankruptcy insolvency"),
        ("bankruptcy insolvncy", "bankruptcy insolvency"),
        ("budgetting", "budgeting"),
        ("concil tax", "council tax"),
        ("leads", "leeds"),
    ],
)
def test_slips_are_mended(events: None, typed: str, mended: str) -> None:
    assert meant(typed, at=timezone.now()) == mended


@pytest.mark.parametrize(
    "typed", ["bankruptcy", "ZOE", "xylophone", "bankrupcy xylophone", "", "lds"]
)
def test_what_is_right_or_far_from_all_is_left(events: None, typed: str) -> None:
    assert meant(typed, at=timezone.now()) == ""


def test_the_list_shows_what_was_meant_and_says_so(events: None, client: Client) -> None:
    page = client.get("/training-and-events/", {"q": "Bankrupcy"}).content.decode()
    assert "No event has “Bankrupcy”. These have “bankruptcy”:" in page
    assert "Bankruptcy and insolvency" in page
    assert "guide to budgeting" not in page


def test_nothing_near_is_an_empty_list(events: None, client: Client) -> None:
    page = client.get("/training-and-events/", {"q": "xylophone"}).content.decode()
    assert "No event matches" in page


def test_with_another_filter_that_nothing_fits_the_list_is_empty(
    events: None, client: Client
) -> None:
    page = client.get("/training-and-events/", {"q": "Bankrupcy", "kind": "webinar"})
    assert "No event matches" in page.content.decode()


def test_no_more_words_are_looked_for_than_a_search_has(events: None) -> None:
    """Anybody may ask, and each slip costs a look at every word."""
    known = " ".join(["leeds"] * 7)

    assert meant(f"{known} bankrupcy xylophone", at=timezone.now()) == f"{known} bankruptcy"
    assert meant(f"{known} leeds bankrupcy", at=timezone.now()) == ""
