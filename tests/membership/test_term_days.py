"""When a term begins and ends: the table of docs/importing.md, imported row by row."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from portal.core.dates import LONDON, short_date
from portal.membership.models import MembershipCategory, MembershipRules, MembershipTerm
from portal.membership.standing import standing
from portal.membership.terms import DAY, anchor_of, anniversary, corrected, gap_between, term_until
from portal.people.models import Person
from tests import factories
from tests.membership.people_files import MEMBER, counts, problems, run

AT = datetime(2026, 11, 26, 10, tzinfo=LONDON)
LIFE = "Honorary Fellow"


def documented() -> list[tuple[str, ...]]:
    """The rows of the table: member since, paid to, renewal date, term, gap."""
    text = Path("docs/importing.md").read_text(encoding="utf-8")
    _, _, table = text.partition("### When a term begins")
    lines = re.findall(r"^\|(.+)\|$", table.partition("\n### ")[0], re.MULTILINE)[2:]
    return [tuple(cell.strip() for cell in line.split("|")) for line in lines]


ROWS = documented()


def test_the_table_is_read() -> None:
    assert len(ROWS) == 18
    assert {len(row) for row in ROWS} == {5}


@pytest.fixture
def grace(lists: None) -> None:
    MembershipRules.objects.create(valid_from=date(2000, 1, 1), grace_days=30)
    MembershipCategory.objects.create(name=LIFE, is_for_life=True)


def spans() -> list[str]:
    found = MembershipTerm.objects.order_by("start")
    return [f"{term.start} {f'to {term.end}' if term.end else 'for life'}" for term in found]


@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
@pytest.mark.parametrize(("since", "paid_to", "renewal", "term", "gap"), ROWS)
def test_each_row_of_the_table(since: str, paid_to: str, renewal: str, term: str, gap: str) -> None:
    before = []
    if paid_to:
        until = date.fromisoformat(paid_to) + DAY
        first = MEMBER | {"member_since": "", "renewal_date": until.isoformat()}
        run(first, at=AT - timedelta(days=400))
        before = spans()
    is_for_life = renewal == "(for life)"
    row = MEMBER | {
        "member_since": since,
        "renewal_date": "" if is_for_life else renewal,
        "category": LIFE if is_for_life else "Accredited",
    }
    outcome = run(row, at=AT)
    assert spans() == [*before, term]
    days = [short_date(date.fromisoformat(day)) for day in gap.split(" to ") if day]
    told = [f"line 2, Mary Moss: no member from {days[0]} to {days[1]}: the term"] if gap else []
    assert [note.partition(" before")[0] for note in outcome.notes] == told
    assert counts(run(row, at=AT)) == (0, 0, 1)


# --- Anniversaries ---------------------------------------------------------------------------
LEAP_DAYS = [(2025, 28), (2026, 28), (2027, 28), (2028, 29), (2029, 28), (2031, 28), (2032, 29)]


@pytest.mark.parametrize(("year", "day"), LEAP_DAYS)
def test_29_february_comes_back(year: int, day: int) -> None:
    anchor = date(2024, 2, 29)
    renewal = anniversary(anchor, year - 2024)
    assert renewal == date(year, 2, day)
    assert anchor_of(renewal, anchor) == anchor


@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
def test_a_member_of_29_february_through_2032() -> None:
    """Renewed each year within the days of grace: no day is without a term, none is in two."""
    born = date(2024, 2, 29)
    for year in range(2025, 2033):
        renewal = anniversary(born, year - 2024)
        at = datetime(year - 1, 3, 5, 10, tzinfo=LONDON)
        cells = {"member_since": "2024-02-29", "renewal_date": renewal.isoformat()}
        assert run(MEMBER | cells, at=at).notes == []
    starts = [span.split()[0] for span in spans()]
    assert starts == [str(anniversary(born, years)) for years in range(8)]
    assert spans()[-1] == "2031-02-28 to 2032-02-28"
    mary = Person.objects.get()
    assert standing(mary, date(2032, 2, 28)).renews_on == date(2032, 2, 29)


def test_what_is_paid_for_today_counts_today_whatever_the_leap_year() -> None:
    """Lapsed long ago, back from the last anniversary: the 29th, since the anchor is."""
    days = term_until(
        date(2029, 2, 28),
        since=date(2024, 2, 29),
        last=date(2026, 2, 27),
        grace=timedelta(days=30),
        on=date(2028, 3, 10),
    )
    assert days == (date(2028, 2, 29), date(2029, 2, 27))
    assert gap_between(date(2026, 2, 27), days.start) == (date(2026, 2, 28), date(2028, 2, 28))


def test_a_corrected_term_that_would_begin_after_its_end_ends_there() -> None:
    term = term_until(
        date(2028, 4, 1), since=None, last=None, grace=timedelta(), on=date(2027, 5, 1)
    )
    assert term == (date(2027, 4, 1), date(2028, 3, 31))
    renewal = date(2027, 2, 1)
    assert corrected(term, renewal=renewal, since=None, before=None) == (
        date(2026, 2, 1),
        date(2027, 1, 31),
    )
    assert corrected(term, renewal=renewal, since=date(2026, 5, 1), before=None) == (
        date(2026, 5, 1),
        date(2027, 1, 31),
    )
    assert corrected(term, renewal=renewal, since=None, before=date(2026, 6, 30)) == (
        date(2026, 7, 1),
        date(2027, 1, 31),
    )


# --- For life --------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
def test_who_is_a_member_for_life_never_expires() -> None:
    run(MEMBER | {"category": LIFE, "renewal_date": "", "member_since": "1990-01-01"}, at=AT)
    for day in (date(1990, 1, 1), date(2026, 11, 26), date(2120, 1, 1)):
        found = standing(Person.objects.get(), day)
        assert (found.is_current, found.is_for_life, found.in_grace) == (True, True, False)
        assert (found.expires_on, found.renews_on, found.has_lapsed) == (None, None, False)
    assert not standing(Person.objects.get(), date(1989, 12, 31)).is_current


@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
def test_a_category_and_its_renewal_date_go_together() -> None:
    assert problems(MEMBER | {"category": LIFE}) == [
        f"line 2, renewal_date: “{LIFE}” is for life and has no renewal date. Leave it empty"
    ]
    assert problems(MEMBER | {"renewal_date": ""}) == [
        "line 2, renewal_date: Enter the renewal date, which is the day after the last day paid for"
    ]
    assert problems(MEMBER | {"renewal_date": "2099-12-31"}) == [
        "line 2, renewal_date: Renewal date must be 2031-11-23 or earlier. Check the year. For "
        "a life member, leave this empty"
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
def test_a_membership_for_life_can_be_ended_by_a_renewal_date() -> None:
    run(MEMBER | {"category": LIFE, "renewal_date": ""}, at=AT)
    run(MEMBER | {"renewal_date": "2027-04-01"}, at=AT)
    assert spans() == ["2019-04-01 to 2027-03-31"]


@pytest.mark.django_db
@pytest.mark.usefixtures("grace")
def test_what_a_member_for_life_sees(client_of) -> None:  # type: ignore[no-untyped-def]
    mary = factories.person("Mary", "Moss")
    membership = factories.membership(mary)
    membership.terms.update(end=None, category=MembershipCategory.objects.get(name=LIFE))
    client = client_of(mary)
    assert "You are a member for life." in client.get("/").text
    assert "None: you are a member for life" in client.get("/account/").text
