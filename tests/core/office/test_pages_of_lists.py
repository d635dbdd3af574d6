"""A page that a list does not have: its first page is shown, with the filters that were asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.people.models import Person

pytestmark = pytest.mark.django_db
LIST = "/office/core/outgoingmail/"


@pytest.mark.parametrize(
    ("asked", "led", "page"),
    [
        ("?p=99999", LIST, "99999"),
        ("?q=anna&p=99999", f"{LIST}?q=anna", "99999"),
        ("?p=two", LIST, "two"),
    ],
)
def test_the_first_page_instead(
    client_of: Callable[[Person], Client],
    sam: Person,
    body: object,
    asked: str,
    led: str,
    page: str,
) -> None:
    office = client_of(sam)

    answer = office.get(LIST + asked)

    assert (answer.status_code, answer["Location"]) == (302, led)
    assert f"This list has no page “{page}”. This is its first page." in office.get(led).text
