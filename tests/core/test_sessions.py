"""A session cookie that can be none is no session, on both databases."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [r'"\000abcdefghijk"', "abc'--defghijkl", "kéykéykéykéy"])
def test_a_cookie_that_can_be_no_key_is_no_session(client, body, value):
    response = client.get("/account/", HTTP_COOKIE=f"portal_session={value}")
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")
