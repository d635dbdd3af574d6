"""A page that a list does not have leads to its first page, with the same filters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from portal.core.models import OutgoingMail
from portal.people.models import Person

pytestmark = pytest.mark.django_db
LIST = "/office/core/outgoingmail/"


@pytest.mark.parametrize(
    ("asked", "led", "page"),
    [
        ("?p=99999", LIST, "99999"),
        ("?q=anna&p=99999", f"{LIST}?q=anna", "99999"),
        ("?p=3&kind=invoice", f"{LIST}?kind=invoice", "3"),
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
    now = timezone.now()
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            kind="invoice",
            to=f"anna{n}@example.org",
            subject="x",
            message_id=str(n),
            created_at=now,
        )
        for n in range(51)
    )
    office = client_of(sam)

    answer = office.get(LIST + asked)

    assert (answer.status_code, answer["Location"]) == (302, led)
    assert f"This list has no page “{page}”. This is its first page." in office.get(led).text
