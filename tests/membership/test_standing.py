"""Whether a membership is current on a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.membership.models import Membership, MembershipRules, MembershipTerm
from portal.membership.standing import NO_MEMBERSHIP, standing, standings
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
START, END = date(2026, 4, 1), date(2027, 3, 31)


@pytest.fixture
def mary() -> Person:
    person = factories.person("Mary", "Moss")
    factories.membership(person, number="M1", start=START, end=END)
    return person


def term(person: Person, start: date, end: date, category: str = "Accredited") -> None:
    MembershipTerm.objects.create(
        membership=person.membership,
        category=factories.category(category),
        start=start,
        end=end,
    )


@pytest.mark.parametrize(
    ("on", "is_current", "in_grace"),
    [
        (date(2026, 3, 31), False, False),
        (date(2026, 4, 1), True, False),
        (date(2027, 3, 31), True, False),
        (date(2027, 4, 1), True, True),
        (date(2027, 4, 30), True, True),
        (date(2027, 5, 1), False, False),
    ],
)
def test_both_ends_count_and_then_thirty_days_of_grace(
    mary: Person, on: date, is_current: bool, in_grace: bool
) -> None:
    found = standing(mary, on)
    assert (found.is_current, found.in_grace) == (is_current, in_grace)
    assert found.number == "M1"


def test_what_a_running_term_says(mary: Person) -> None:
    found = standing(mary, date(2027, 1, 1))
    assert str(found.category) == "Accredited"
    assert (found.expires_on, found.renews_on) == (END, date(2027, 4, 1))
    assert (found.member_since, found.has_lapsed) == (START, False)


def test_lapsing_takes_the_post_nominals_away(mary: Person) -> None:
    category = factories.category()
    category.post_nominals = "MIMA (Cert)"
    category.save()
    assert standing(mary, END).post_nominals == "MIMA (Cert)"
    lapsed = standing(mary, date(2027, 8, 1))
    assert (lapsed.has_lapsed, lapsed.post_nominals) == (True, "")
    assert lapsed.expires_on == END


def test_grace_is_that_of_the_rules_on_the_day(mary: Person) -> None:
    MembershipRules.objects.create(valid_from=date(2027, 4, 10), grace_days=5)
    assert standing(mary, date(2027, 4, 9)).is_current
    assert not standing(mary, date(2027, 4, 10)).is_current
    MembershipRules.objects.all().delete()
    assert not standing(mary, date(2027, 4, 1)).is_current


def test_who_has_renewed_expires_a_year_later(mary: Person) -> None:
    term(mary, date(2027, 4, 1), date(2028, 3, 31), "Associate")
    now, then = standing(mary, date(2027, 3, 1)), standing(mary, date(2027, 4, 1))
    assert (str(now.category), str(then.category)) == ("Accredited", "Associate")
    assert now.expires_on == then.expires_on == date(2028, 3, 31)
    assert not then.in_grace


def test_a_gap_ends_a_membership_until_the_next_term(mary: Person) -> None:
    term(mary, date(2027, 9, 1), date(2028, 8, 31))
    assert standing(mary, date(2027, 3, 1)).expires_on == END
    assert not standing(mary, date(2027, 8, 31)).is_current
    assert standing(mary, date(2027, 9, 1)).is_current


def test_somebody_without_a_membership_or_a_term(charlie: Person) -> None:
    assert standing(charlie, START) == NO_MEMBERSHIP
    Membership.objects.create(person=charlie, number="M9")
    found = standing(charlie, START)
    assert (found.number, found.is_current, found.category) == ("M9", False, None)


@pytest.mark.parametrize("on", [END, END + timedelta(days=1)])
def test_it_costs_one_query_whether_or_not_a_term_has_ended(
    mary: Person, django_assert_num_queries: Any, on: date
) -> None:
    with django_assert_num_queries(1):
        standing(mary, on)


def test_many_at_once(mary: Person, charlie: Person, django_assert_num_queries: Any) -> None:
    others = [factories.person(f"P{n}") for n in range(3)]
    for other in others:
        factories.membership(other, start=START, end=END)
    with django_assert_num_queries(1):
        found = standings([mary.pk, charlie.pk, *(o.pk for o in others)], date(2027, 4, 10))
    assert set(found) == {mary.pk, *(o.pk for o in others)}
    assert all(one.in_grace for one in found.values())
