"""Two of the office enter terms of one membership at once: the later is told, in words.

Each looks at the terms under the lock of the person. Without it both find their days free, and
the database's refusal is all that is left. On SQLite the control looks outside the transaction.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.membership import editing_memberships
from portal.membership.editing_memberships import TermsOverlap, check_terms, keep_membership
from portal.membership.models import Membership, MembershipTerm
from tests import factories
from tests.concurrency.meanwhile import Meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
MINE = (date(2027, 4, 1), date(2028, 3, 31))
THEIRS = (date(2027, 10, 1), date(2028, 9, 30))


@pytest.fixture
def mary() -> Membership:
    person = factories.person("Mary", "Moss")
    return factories.membership(person, start=date(2026, 4, 1), end=date(2027, 3, 31))


def term(of: Membership, days: tuple[date, date]) -> MembershipTerm:
    return MembershipTerm(membership=of, category=factories.category(), start=days[0], end=days[1])


def enter(membership: Membership, days: tuple[date, date]) -> Membership:
    return keep_membership(
        membership, written=[term(membership, days)], actor="sam", at=timezone.now()
    )


def last_days(membership: Membership) -> list[date]:
    return list(membership.terms.order_by("end").values_list("end", flat=True))


def test_who_comes_second_is_told(mary: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    colleague = Meanwhile(lambda: enter(mary, THEIRS))
    monkeypatch.setattr(editing_memberships, "_write", colleague.around(editing_memberships._write))

    enter(mary, MINE)

    assert isinstance(colleague.end(), TermsOverlap)
    assert colleague.is_done_before_the_step is False
    assert last_days(mary) == [date(2027, 3, 31), MINE[1]]


def test_control_without_the_lock_only_the_database_refuses(
    mary: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "postgresql":
        colleague = Meanwhile(lambda: enter(mary, THEIRS))
        monkeypatch.setattr(editing_memberships, "lock", list)
        monkeypatch.setattr(
            editing_memberships, "_write", colleague.around(editing_memberships._write)
        )
    else:
        with transaction.atomic():
            check_terms(mary, written=[term(mary, MINE)])
        enter(mary, THEIRS)
        monkeypatch.setattr(editing_memberships, "check_terms", lambda *_, **__: None)

    with pytest.raises(IntegrityError), transaction.atomic():
        enter(mary, MINE)

    assert last_days(mary) == [date(2027, 3, 31), THEIRS[1]]
