"""Terms of a membership never overlap: the act says so, and the database holds it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.core.rows.bulk import ChangedRows, NewRows
from portal.membership.editing_memberships import EndMissing, TermsOverlap, keep_membership
from portal.membership.models import Membership, MembershipCategory, MembershipTerm
from tests import factories

pytestmark = pytest.mark.django_db
FIRST = (date(2025, 4, 1), date(2026, 3, 31))
SECOND = (date(2026, 4, 1), date(2027, 3, 31))


@pytest.fixture
def mary() -> Membership:
    """A member of two years."""
    person = factories.person("Mary", "Moss")
    made = factories.membership(person, number="M1", start=FIRST[0], end=FIRST[1])
    term(made, *SECOND).save()
    return made


def term(of: Membership, start: date, end: date) -> MembershipTerm:
    return MembershipTerm(membership=of, category=factories.category(), start=start, end=end)


def keep(membership: Membership, *written: MembershipTerm, **more: object) -> None:
    keep_membership(membership, written=written, actor="sam", at=timezone.now(), **more)


def days(membership: Membership) -> list[tuple[date, date]]:
    return list(membership.terms.order_by("start").values_list("start", "end"))


OVERLAPS = [
    (date(2027, 3, 31), date(2028, 3, 31)),
    (date(2024, 4, 1), date(2025, 4, 1)),
    (date(2026, 1, 1), date(2026, 6, 30)),
    (date(2020, 1, 1), date(2030, 1, 1)),
    (date(2026, 5, 1), date(2026, 5, 1)),
]


@pytest.mark.parametrize(("start", "end"), OVERLAPS)
def test_no_day_is_in_two_terms(mary: Membership, start: date, end: date) -> None:
    with pytest.raises(TermsOverlap, match=r"^Two terms overlap: one ends on "):
        keep(mary, term(mary, start, end))
    assert days(mary) == [FIRST, SECOND]
    assert not HistoryEntry.objects.exists()


def test_the_next_begins_the_day_after(mary: Membership) -> None:
    keep(mary, term(mary, date(2027, 4, 1), date(2028, 3, 31)))
    assert len(days(mary)) == 3
    entry = HistoryEntry.objects.get()
    assert (entry.act, entry.actor_label) == ("membership changed", "sam")
    assert entry.detail["terms"][-1] == "Accredited, 2027-04-01 to 2028-03-31"


def test_neighbours_change_their_border_and_their_places(mary: Membership) -> None:
    first, second = mary.terms.order_by("start")
    first.end, second.start = date(2026, 6, 30), date(2026, 7, 1)
    keep(mary, first, second)
    assert days(mary) == [(FIRST[0], date(2026, 6, 30)), (date(2026, 7, 1), SECOND[1])]
    (first.start, first.end), (second.start, second.end) = SECOND, FIRST
    keep(mary, first, second)
    assert days(mary) == [FIRST, SECOND]
    assert mary.terms.get(start=SECOND[0]) == first


def test_a_removed_term_leaves_its_days(mary: Membership) -> None:
    second = mary.terms.get(start=SECOND[0])
    keep(mary, term(mary, date(2026, 5, 1), date(2027, 4, 30)), removed=[second])
    assert days(mary) == [FIRST, (date(2026, 5, 1), date(2027, 4, 30))]


def test_a_new_membership_is_kept_with_its_terms() -> None:
    new = Membership(person=factories.person("Nora", "New"), number="M2")
    keep(new, term(new, *FIRST))
    assert days(Membership.objects.get(number="M2")) == [FIRST]
    assert HistoryEntry.objects.get().act == "membership added"


def test_a_term_for_life_is_the_last(mary: Membership) -> None:
    life = MembershipCategory.objects.create(name="Honorary Fellow", is_for_life=True)
    keep(mary, MembershipTerm(membership=mary, category=life, start=date(2027, 4, 1)))
    assert [str(term) for term in mary.terms.all()][-1] == "Honorary Fellow, 2027-04-01 for life"
    with pytest.raises(TermsOverlap, match=r"^Two terms overlap: one is for life, the next begins"):
        keep(mary, term(mary, date(2030, 4, 1), date(2031, 3, 31)))
    with pytest.raises(IntegrityError), transaction.atomic():
        term(mary, date(2030, 4, 1), date(2031, 3, 31)).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipTerm(membership=mary, category=life, start=date(2025, 1, 1)).save()


def test_without_an_end_a_category_is_for_life(mary: Membership) -> None:
    endless = MembershipTerm(membership=mary, category=factories.category(), start=date(2027, 4, 1))
    with pytest.raises(EndMissing, match=r"^Enter the end of the term from 1 April 2027"):
        keep(mary, endless)
    assert days(mary) == [FIRST, SECOND]


# --- The database ----------------------------------------------------------------------------
@pytest.mark.parametrize(("start", "end"), OVERLAPS)
def test_the_database_refuses_a_new_term(mary: Membership, start: date, end: date) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        term(mary, start, end).save()
    rows = NewRows(MembershipTerm, "membership_id", "category_id", "start", "end")
    rows.add(mary.pk, factories.category().pk, start, end)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert()
    assert days(mary) == [FIRST, SECOND]


def test_the_database_refuses_a_changed_term(mary: Membership) -> None:
    second = mary.terms.get(start=SECOND[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        mary.terms.filter(pk=second.pk).update(start=FIRST[1])
    rows = ChangedRows(MembershipTerm, "start")
    rows.add(second.pk, FIRST[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update()
    assert days(mary) == [FIRST, SECOND]


def test_terms_of_others_are_their_own(mary: Membership) -> None:
    other = factories.membership(factories.person("Olga", "Oak"), start=FIRST[0], end=FIRST[1])
    term(other, *SECOND).save()
    assert days(other) == days(mary)
