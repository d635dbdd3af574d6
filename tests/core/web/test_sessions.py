"""A session cookie that can be none is no session, on both databases."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [r'"\000abcdefghijk"', "abc'--defghijkl", "kéykéykéykéy"])
def test_a_cookie_that_can_be_no_key_is_no_session(client, body, value):
    response = client.get("/account/", HTTP_COOKIE=f"portal_session={value}")
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")


def test_a_session_that_has_run_out_is_none(client_of, alice):
    browser = client_of(alice)
    assert browser.get("/account/").status_code == 200

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert browser.get("/account/").status_code == 302
