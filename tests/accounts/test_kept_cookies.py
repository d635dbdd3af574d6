"""Cookies that browsers have from an earlier version of the portal still count.

Their salts are written out here as they were: a module may have another name tomorrow.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.signing import get_cookie_signer
from django.http import HttpRequest

from portal.accounts.known_devices import Device, known_device
from portal.accounts.signed_in_last import last_account


def with_cookie(name: str, said: str, *, salt: str) -> HttpRequest:
    request = HttpRequest()
    request.COOKIES[name] = get_cookie_signer(salt=f"{name}{salt}").sign(said)
    return request


def test_a_device_that_has_been_signed_in_on() -> None:
    name = settings.DEVICE_COOKIE_NAME
    request = with_cookie(name, "a-name.7.12", salt="portal.accounts.device")

    assert known_device(request) == Device("a-name", ("7", "12"))


def test_who_was_signed_in_last() -> None:
    name = settings.LAST_ACCOUNT_COOKIE_NAME
    request = with_cookie(name, "7", salt="portal.accounts.last_account")

    assert last_account(request) == "7"


@pytest.mark.parametrize("salt", ["portal.accounts.known_devices", "", "portal.accounts.asking"])
def test_another_salt_is_not_ours(salt: str) -> None:
    assert known_device(with_cookie(settings.DEVICE_COOKIE_NAME, "a.7", salt=salt)) is None
