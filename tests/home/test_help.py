"""Help, with the reference of what the person was looking at."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_the_contacts_are_there(client: Client) -> None:
    page = client.get("/help/").text
    assert "mailto:office@example.org" in page
    assert "0113 496 0677" in page
    assert "?subject=" not in page


def test_the_reference_is_shown_and_carried_in_the_mail(client: Client) -> None:
    page = client.get("/help/", {"about": "Invoice 000123"}).text
    assert "Invoice 000123" in page
    assert "mailto:office@example.org?subject=Invoice%20000123" in page


@pytest.mark.parametrize(
    "about",
    ["<script>alert(1)</script>", "x" * 81, "a?b=c", 'x" onclick="y', "", "  ", "a\x00b", "%0a"],
)
def test_what_is_no_reference_of_ours_is_left_out(client: Client, about: str) -> None:
    page = client.get("/help/", {"about": about}).text
    assert "?subject=" not in page
    assert "You were looking at" not in page
    assert "<script>alert" not in page
