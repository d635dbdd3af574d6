"""The front page, for visitors and for persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.core.dates import short_date, today
from portal.core.models import BodyDetails
from portal.people.models import Person
from tests import factories
from tests.billing.raising import raised

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


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


def test_one_overdue_invoice_is_seen_and_led_to(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    late = raised(alice, at=timezone.now() - timedelta(days=50))

    page = client_of(alice).get("/").text

    assert ">Overdue</span>" in page
    assert f"since {short_date(late.due_on)}" in page
    assert f'href="/invoices/{late.number}/">See invoice {late.number} and how to pay</a>' in page


def test_of_several_invoices_the_first_due_is_named(
    client_of: Callable[[Person], Client], alice: Person
) -> None:
    first = raised(alice, at=timezone.now() - timedelta(days=3))
    raised(alice)

    page = client_of(alice).get("/").text

    assert f"The first is due on {short_date(first.due_on)}" in page
    assert "Overdue" not in page
    assert "how to pay" not in page


def test_it_takes_few_queries(
    client_of: Callable[[Person], Client],
    alice: Person,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    browser = client_of(alice)
    with django_assert_max_num_queries(8):
        browser.get("/")
