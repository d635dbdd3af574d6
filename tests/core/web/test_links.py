"""Addresses of pages, remembered: each name and argument has its own."""

import pytest
from django.conf import settings
from django.template import engines
from django.urls import NoReverseMatch, reverse

from portal.core.web.links import absolute_url, address


def test_an_address_is_that_of_the_page_each_time():
    for code in ("one", "another", "one"):
        assert address("events:event", code) == reverse("events:event", args=[code])
    assert address("help") == reverse("help")
    assert absolute_url("help") == f"{settings.PORTAL_URL}{reverse('help')}"


def test_what_is_no_page_has_no_address():
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            address("events:event")


def test_templates_ask_for_it_as_for_url():
    template = "{% address 'help' %} {% address 'events:event' code as event %}{{ event }}"
    words = engines["django"].from_string(template).render({"code": "one"})

    assert words.split() == [reverse("help"), reverse("events:event", args=["one"])]
