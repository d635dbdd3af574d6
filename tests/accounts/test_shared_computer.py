"""What the browser keeps of a person, for whoever sits at it next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.people.models import Person
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PERSONAL = "private, no-cache, must-revalidate"


@pytest.mark.parametrize(
    "path", ["/", "/account/", "/checkout/", "/training-and-events/", "/none/"]
)
def test_pages_of_who_is_signed_in_are_asked_for_again(
    client_of: Callable[[Person], Client], alice: Person, path: str
) -> None:
    assert client_of(alice).get(path)["Cache-Control"] == PERSONAL
    assert PERSONAL not in Client().get(path).headers.get("Cache-Control", "")


def test_the_basket_is_kept_by_nobody(client_of: Callable[[Person], Client], alice: Person) -> None:
    """Back after an order leads to it, and would show what has been ordered."""
    assert client_of(alice).get("/basket/")["Cache-Control"] == "private, no-store"


def test_signing_in_is_a_personal_answer_too(client: Client, alice: Person) -> None:
    typed = {"login": alice.email, "password": factories.PASSWORD}
    assert "private" in client.post("/sign-in/", typed)["Cache-Control"]


def test_stricter_pages_stay_so_and_common_ones_stay_common(
    client_of: Callable[[Person], Client], sam: Person
) -> None:
    office = client_of(sam)
    assert "no-store" in office.get("/office/")["Cache-Control"]
    assert "private" not in office.get("/brand/0e5a5c-00000000.css").headers.get(
        "Cache-Control", ""
    )


@pytest.mark.parametrize("path", ["/sign-out/", "/office/logout/"])
def test_signing_out_clears_them(
    client_of: Callable[[Person], Client], sam: Person, path: str
) -> None:
    office = client_of(sam)
    assert "Clear-Site-Data" not in office.get("/account/")
    assert office.post(path)["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in office.get("/")
