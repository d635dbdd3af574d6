"""Every page of signing in and of the account carries the strict policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PUBLIC = (
    "/",
    "/help/",
    "/sign-in/",
    "/sign-in/code/",
    "/sign-in/closed/",
    "/create-an-account/",
    "/forgotten/",
    "/forgotten/sent/",
    "/forgotten/done/",
    "/forgotten/1-nonsense/",
    "/forgotten/address/sent/",
    "/invitation/nonsense/",
    "/invitation/sent/",
)
OWN = (
    "/",
    "/account/",
    "/account/purchase-order/",
    "/account/password/",
    "/account/second-step/",
    "/sign-out/",
    "/sign-in/again/",
)


def check(page) -> None:
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for forbidden in ("<style", " style=", " onclick=", "data:", "<script>"):
        assert forbidden not in page.text, forbidden
    assert 'class="site-header"' in page.text


@pytest.mark.parametrize("address", PUBLIC)
def test_of_visitors(client: Client, address: str) -> None:
    check(client.get(address))


@pytest.mark.parametrize("address", OWN)
def test_of_persons(client_of: Callable[[Person], Client], alice: Person, address: str) -> None:
    page = client_of(alice).get(address)
    assert page.status_code == 200
    check(page)
