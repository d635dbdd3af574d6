"""No key that opens something stands in the log."""

from __future__ import annotations

import logging
import logging.config
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from portal.core.machine.log import Refusals, WithoutKeys
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.inviting import invite
from tests import factories


def said(words: str, *args: object) -> str:
    record = logging.LogRecord("x", logging.WARNING, "", 0, words, args, None)
    assert WithoutKeys().filter(record)
    return record.getMessage()


KEY = "uA7-_9" * 7


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (f"Gone: /invitation/{KEY}/", "Gone: /invitation/uA7-…/"),
        (f"Gone: /invitation/{KEY}", "Gone: /invitation/uA7-…"),
        (f'"GET /forgotten/{KEY}/?a=b"', '"GET /forgotten/uA7-…/?a=b"'),
        ("Not Found: /training-and-events/insolvency-2026-12-02/", None),
        ("100 % done", None),
    ],
)
def test_keys_are_shortened_and_nothing_else(words: str, shown: str | None) -> None:
    assert said(words) == (shown or words)
    assert said("%s, %d", words, 7) == f"{shown or words}, 7"


@pytest.mark.django_db
def test_a_refused_form_does_not_tell_the_invitation(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the handler that the settings make, as it stands for real."""
    ina = factories.person("Ina", "Invited", has_account=False)
    invite([ina], actor="test", at=timezone.now())
    token = words_of(OutgoingMail.objects.get()).text.partition("/invitation/")[2].partition("/")[0]
    out = StringIO()
    configured: dict[str, dict[str, object]] = settings.LOGGING["handlers"]["console"]
    handler = logging.StreamHandler(out)
    assert configured["filters"] == ["one_line_per_outage", "refusals", "without_keys"]
    handler.addFilter(WithoutKeys())
    logger = logging.getLogger("django.security.csrf")
    logger.addHandler(handler)
    try:
        Client(enforce_csrf_checks=True).post(f"/invitation/{token}/", {"password": "x"})
    finally:
        logger.removeHandler(handler)

    assert "/invitation/" in out.getvalue()
    assert token not in out.getvalue()


def test_a_page_that_somebody_may_not_open_is_a_line_without_a_traceback(caplog):
    try:
        raise PermissionDenied
    except PermissionDenied:
        refused = sys.exc_info()
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden", (), refused)
    assert Refusals().filter(record)
    assert record.exc_info is None

    try:
        raise ValueError
    except ValueError:
        broken = sys.exc_info()
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Broken", (), broken)
    assert Refusals().filter(record)
    assert record.exc_info == broken
