"""A form without its token: refused, with the way back to the page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal.core.models import Body, BodyDetails
from portal.people.models import Person
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
AGAIN = re.compile(r'href="([^"]*)"[^>]*>\s*<span>Open the page again')


def refused(referer: str = "", client: Client | None = None, path: str = "/sign-in/"):
    client = client or Client()
    client.handler.enforce_csrf_checks = True
    answer = client.post(path, {"login": "x"}, headers={"referer": referer})
    assert answer.status_code == 403
    return answer


def test_it_leads_back_to_the_page_and_has_help_and_the_body(body) -> None:
    page = refused("http://testserver/sign-in/?next=/account/").text
    assert AGAIN.findall(page) == ["/sign-in/?next=/account/"]
    for words in (body.name, body.office_email, "Need help?", "Skip to main content"):
        assert words in page, words


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/", "http://testserver//evil.example/"]
)
def test_it_leads_to_no_page_but_ours(referer: str) -> None:
    page = refused(referer).text
    assert AGAIN.findall(page) == []
    assert "evil.example" not in page


def test_who_is_signed_in_stays_so(alice: Person) -> None:
    assert 'action="/sign-out/"' in refused(client=factories.client_of(alice), path="/theme/").text


def test_before_the_body_is_named_it_says_how() -> None:
    BodyDetails.objects.all().delete()
    Body.objects.all().delete()
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in/").status_code == 503


def test_a_form_in_another_charset_is_refused() -> None:
    odd = "application/x-www-form-urlencoded; charset=utf-16"
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", "a=b", content_type=odd)
    assert (answer.status_code, answer.text) == (415, "Send this form in UTF-8.\n")
