"""The first import: what a row becomes, and that nothing is written unless all is good."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.models import HistoryEntry
from portal.core.sheets import AnotherImport, BadSheet, read_text
from portal.membership.importing_people import importing
from portal.membership.importing_people.columns import COLUMNS
from portal.membership.importing_people.importing import import_people
from portal.membership.models import ImportedPerson
from portal.membership.standing import standing
from portal.organisations.affiliations import current_affiliation
from portal.organisations.models import Organisation
from portal.people.models import Person, Purpose
from tests import factories
from tests.membership.people_files import AT, CUSTOMER, MEMBER, counts, csv_text, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
TODAY = date(2026, 11, 23)


def rows_of_all_tables() -> dict[str, list[Any]]:
    """Everything in the database."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
    }


# --- What a row becomes ----------------------------------------------------------------------
def test_a_member() -> None:
    assert counts(run(MEMBER)) == (1, 0, 0)
    mary = Person.objects.get()
    assert (mary.formal_name, mary.email, mary.user) == ("Ms Mary Moss", "mary@example.org", None)
    assert mary.purchase_order_number == "PO-1"
    address = mary.addresses.get()
    assert str(address) == "1 High Street, Leeds, LS1 4AP"
    assert address.uses == ["Mailing", "Shipping", "Billing"]
    assert {phone.kind: str(phone.number) for phone in mary.phones.all()} == {
        "phone": "+441134960101",
        "mobile": "+447700900101",
    }
    assert mary.qualifications.get().awarded_on == date(2020, 6, 1)
    assert Person.objects.uninvited().get() == mary


def test_the_running_term_ends_the_day_before_the_renewal_date() -> None:
    run(MEMBER)
    mary = Person.objects.get()
    term = mary.membership.terms.get()
    assert (term.start, term.end) == (date(2019, 4, 1), date(2027, 3, 31))
    found = standing(mary, TODAY)
    assert (found.number, str(found.category), found.is_current) == ("M1", "Accredited", True)
    assert found.member_since == date(2019, 4, 1)


@pytest.mark.parametrize(
    ("since", "renewal", "start", "end"),
    [
        ("2026-09-01", "2027-04-01", date(2026, 9, 1), date(2027, 3, 31)),
        ("29/02/2024", "28/02/2025", date(2024, 2, 29), date(2025, 2, 27)),
        ("2024-02-29", "2028-02-29", date(2024, 2, 29), date(2028, 2, 28)),
        ("", "2024-04-01", date(2023, 4, 1), date(2024, 3, 31)),
    ],
    ids=["new member", "joined 29 February", "renews 29 February", "long lapsed"],
)
def test_terms(since: str, renewal: str, start: date, end: date) -> None:
    run(MEMBER | {"member_since": since, "renewal_date": renewal})
    term = Person.objects.get().membership.terms.get()
    assert (term.start, term.end) == (start, end)


def test_a_customer_has_no_membership() -> None:
    run(CUSTOMER)
    carl = Person.objects.get()
    assert standing(carl, TODAY).number == ""
    assert (carl.addresses.count(), carl.phones.count(), carl.affiliations.count()) == (0, 0, 0)


def test_consents_are_kept_with_where_they_come_from() -> None:
    run(CUSTOMER, MEMBER | {"event_news": "yes"})
    mary = Person.objects.get(first_name="Mary")
    given = {event.purpose: event for event in mary.consents.all()}
    assert set(given) == {Purpose.BULLETIN, Purpose.EVENT_NEWS}
    event = given[Purpose.BULLETIN]
    assert (event.granted, event.at, event.actor_label) == (True, AT, "office")
    assert event.source == "people.csv, line 3"
    assert event.wording == (
        "Recorded by Institute of Testing outside the portal. The exact wording is not known."
    )


def test_organisations_are_the_same_whatever_their_case_and_spacing() -> None:
    other = {"organisation": "moss  ADVICE", "role_type": "Supervisor"}
    run(MEMBER, CUSTOMER | other)
    moss = Organisation.objects.get()
    assert (moss.name, str(moss.type)) == ("Moss Advice", "Law centre")
    work = current_affiliation(Person.objects.get(first_name="Carl"), TODAY)
    assert work is not None
    assert (work.organisation, str(work.role_type), work.is_verified) == (moss, "Supervisor", False)


def test_an_organisation_known_to_the_office_keeps_its_type() -> None:
    known = factories.organisation("Moss Advice", type_name="Local authority")
    run(MEMBER)
    assert Organisation.objects.get() == known
    assert str(Organisation.objects.get().type) == "Local authority"


def test_the_self_employed_have_a_type_and_no_organisation() -> None:
    run(CUSTOMER | {"organisation_type": "self-employed"})
    work = current_affiliation(Person.objects.get(), TODAY)
    assert work is not None
    assert (work.organisation, str(work.organisation_type)) == (None, "Self-employed")


def test_verified_marks_what_the_office_knows() -> None:
    outcome = run(MEMBER, CUSTOMER, verified=True)
    work = current_affiliation(Person.objects.get(first_name="Mary"), TODAY)
    assert work is not None
    assert (work.verified_at, work.verified_by) == (AT, "office")
    assert outcome.notes == ["1 affiliation was marked as verified by the office."]
    entry = HistoryEntry.objects.get(act="affiliation verified")
    assert (entry.object_id, entry.object_label) == (str(work.pk), str(work))
    assert (entry.actor_label, entry.at) == ("office", AT)


def test_the_history_has_who_was_imported_from_where() -> None:
    run(MEMBER)
    entry = HistoryEntry.objects.get()
    assert (entry.act, entry.actor_label, entry.object_label) == ("imported", "office", "Mary Moss")
    assert entry.detail == {"file": "people.csv", "line": 2}


# --- People already there --------------------------------------------------------------------
def test_a_customer_of_the_portal_is_found_by_address_and_keeps_the_account() -> None:
    carl = factories.person("C.", "Cole", email="carl@example.org")
    before = carl.user.password  # type: ignore[union-attr]
    assert counts(run(CUSTOMER | MEMBER | CUSTOMER)) == (0, 1, 0)
    carl.refresh_from_db()
    assert (carl.full_name, carl.membership.number) == ("Carl Cole", "M1")
    assert carl.user.password == before  # type: ignore[union-attr]
    assert [str(address) for address in carl.addresses.all()] == ["1 High Street, Leeds, LS1 4AP"]


def test_a_member_is_found_by_number() -> None:
    known = factories.person("M.", "Moss", email="old@example.org", has_account=False)
    factories.membership(known, number="M1", start=date(2026, 4, 1), end=date(2027, 3, 31))
    assert counts(run(MEMBER)) == (0, 1, 0)
    known.refresh_from_db()
    assert (known.full_name, known.email) == ("Mary Moss", "mary@example.org")
    assert known.membership.terms.count() == 1


def test_an_address_of_several_people_or_of_another_member_is_refused() -> None:
    for name in ("One", "Two"):
        factories.person(name, email="carl@example.org", has_account=False)
    factories.membership(factories.person("Max", email="mary@example.org"), number="M7")
    with pytest.raises(BadSheet) as caught:
        run(CUSTOMER, MEMBER)
    assert [str(problem) for problem in caught.value.problems] == [
        "line 2, email: Several people in the portal have this email address. Change it at all "
        "but one in the office",
        "line 3, email: This email address belongs to membership number M7",
    ]


# --- All or nothing --------------------------------------------------------------------------
def test_nothing_is_written_unless_all_is_good() -> None:
    before = rows_of_all_tables()
    with pytest.raises(BadSheet) as caught:
        run(MEMBER, CUSTOMER | {"email": "@"})
    assert [problem.line for problem in caught.value.problems] == [3]
    assert rows_of_all_tables() == before


def test_skip_bad_writes_the_good_rows_and_tells_the_others() -> None:
    twice = [{"first_name": name, "last_name": "X", "email": "x@example.org"} for name in "AB"]
    outcome = run(MEMBER, CUSTOMER | {"email": "@"}, *twice, skip_bad=True)
    assert counts(outcome) == (1, 0, 0)
    assert [problem.line for problem in outcome.skipped] == [3, 4, 5]
    assert [str(person) for person in Person.objects.all()] == ["Mary Moss"]


def test_skip_bad_leaves_out_rows_that_the_database_speaks_against() -> None:
    factories.membership(factories.person("Max", email="mary@example.org"), number="M7")
    outcome = run(CUSTOMER, MEMBER, skip_bad=True)
    assert (counts(outcome), [problem.line for problem in outcome.skipped]) == ((1, 0, 0), [3])


def test_a_dry_run_tells_all_and_writes_nothing() -> None:
    before = rows_of_all_tables()
    outcome = run(MEMBER, CUSTOMER, dry_run=True, verified=True)
    assert (counts(outcome), outcome.was_dry_run) == ((2, 0, 0), True)
    assert rows_of_all_tables() == before


def test_an_import_that_dies_on_its_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCut(Exception):
        pass

    def die(*_: Any) -> None:
        raise PowerCut

    before = rows_of_all_tables()
    monkeypatch.setattr(importing, "write_memberships", die)
    with pytest.raises(PowerCut):
        run(MEMBER, CUSTOMER)
    assert rows_of_all_tables() == before


def test_progress_is_told_of_both_phases() -> None:
    told: list[tuple[str, int, int]] = []
    run(MEMBER, CUSTOMER, progress=lambda *step: told.append(step))
    assert told == [("Checking", 2, 2), ("Writing", 0, 2), ("Writing", 2, 2)]


def test_queries_do_not_grow_with_rows() -> None:
    def queries(many: int) -> int:
        rows = [
            MEMBER | {"membership_number": f"{many}-{n}", "email": f"{many}-{n}@example.org"}
            for n in range(many)
        ]
        with CaptureQueriesContext(
            connection,
        ) as context:
            run(*rows)
        return len(context)

    run(MEMBER | {"membership_number": "N0", "email": "0@example.org"})
    assert queries(40) == queries(2)


def test_the_password_of_nobody_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import neither reads nor writes accounts but for their addresses."""
    factories.person("Carl", "Cole", email="carl@example.org")
    with CaptureQueriesContext(connection) as context:
        run(CUSTOMER, MEMBER)
    writes = [q["sql"] for q in context if not q["sql"].lstrip().upper().startswith("SELECT")]
    assert [sql for sql in writes if "accounts_user" in sql] == []


def test_cells_are_remembered_in_the_form_in_which_they_are_compared() -> None:
    run(CUSTOMER | {"phone": "(0113) 496 0101", "bulletin": "Y"})
    kept = ImportedPerson.objects.get()
    assert kept.key == "carl@example.org"
    assert kept.cells == CUSTOMER | {"phone": "+441134960101", "bulletin": "yes"}


@pytest.mark.django_db(transaction=True)
def test_only_one_import_at_a_time(lists: None) -> None:
    from tests.membership.beside import import_lock_held_elsewhere

    sheet = read_text(csv_text(MEMBER), COLUMNS, name="people.csv")
    with import_lock_held_elsewhere(), pytest.raises(AnotherImport):
        import_people(sheet, actor="office", at=AT)
    assert Person.objects.count() == 0
    assert counts(import_people(sheet, actor="office", at=AT)) == (1, 0, 0)
