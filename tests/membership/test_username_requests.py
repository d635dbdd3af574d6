"""What the office reads of a request for a username."""

from __future__ import annotations

from datetime import datetime

from portal.core.dates import LONDON
from portal.membership.models import UsernameRequest


def test_its_day_is_that_of_london() -> None:
    asked_at = datetime.fromisoformat("2026-06-30T23:30Z")
    assert asked_at == datetime(2026, 7, 1, 0, 30, tzinfo=LONDON)
    assert str(UsernameRequest(number="M1", asked_at=asked_at)) == "Asked on 1 July 2026"
