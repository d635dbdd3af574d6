"""The front page, for visitors and for persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_visitor_finds_the_ways_in(client: Client) -> None:
    page = client.get("/").text
    for words in (
        "Welcome to the IT portal",
        "Sign in",
        "Training and events",
        "Create an account",
    ):
        assert words in page, words


def test_the_bodys_own_welcome_is_safe_markdown(client: Client) -> None:
    BodyDetails.objects.update(welcome="**Hello** <script>alert(1)</script>")
    page = client.get("/").text
    assert "<strong>Hello</strong>" in page
    assert "<script>alert" not in page


def test_a_member_sees_their_membership(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    page = client_of(alice).get("/").text
    assert "Hello, Alice" in page
    assert "Accredited" in page
    assert "Membership number 100" in page
    assert "You have nothing to pay." in page
    assert "You have no place booked." in page


def test_grace_and_lapse_are_said(client_of: Callable[[Person], Client]) -> None:
    late = factories.person("Lena", "Late")
    factories.membership(late, start=today() - timedelta(days=370), end=today() - timedelta(days=5))
    gone = factories.person("Greta", "Gone")
    factories.membership(
        gone, start=today() - timedelta(days=900), end=today() - timedelta(days=500)
    )
    assert "Your membership ended on" in client_of(late).get("/").text
    assert "Ended on" in client_of(gone).get("/").text
    assert "To join again" in client_of(gone).get("/").text


def test_a_customer_is_told_they_are_no_member(
    client_of: Callable[[Person], Client], charlie: Person
) -> None:
    assert "are not a member" in client_of(charlie).get("/").text


def test_it_takes_few_queries(
    client_of: Callable[[Person], Client],
    alice: Person,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    browser = client_of(alice)
    with django_assert_max_num_queries(8):
        browser.get("/")
