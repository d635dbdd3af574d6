"""Membership numbers are the same whatever their capitals, and shown as they were entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from portal.membership.models import Membership
from portal.membership.terms import DAY
from portal.people.models import Person
from tests import factories
from tests.membership.people_files import LATER, MEMBER, counts, problems, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
SENTENCE = (
    "There is already a membership with this number. Capitals, spaces and the kind of dash "
    "make no difference."
)


@pytest.fixture
def mary() -> Person:
    """A member whom the office has entered; no file has named her yet."""
    person = factories.person("Mary", "Moss", email="mary@example.org")
    factories.membership(person, number="M1a")
    return person


def shown() -> list[str]:
    return list(Membership.objects.values_list("number", flat=True))


# --- Importing -------------------------------------------------------------------------------
def test_a_row_with_other_capitals_is_the_same_member(mary: Person) -> None:
    row = MEMBER | {"membership_number": "m1A", "email": "another@example.org"}
    assert counts(run(row)) == (0, 1, 0)
    assert Person.objects.get() == mary
    assert shown() == ["M1a"]
    assert counts(run(row, at=LATER)) == (0, 0, 1)


def test_letters_beyond_a_to_z_have_capitals_too(mary: Person) -> None:
    Membership.objects.update(number="é1")
    assert counts(run(MEMBER | {"membership_number": "É1"})) == (0, 1, 0)
    assert shown() == ["é1"]


def test_a_list_that_has_it_otherwise_than_last_time_changes_how_it_is_shown(
    mary: Person,
) -> None:
    row = MEMBER | {"membership_number": "m1A"}
    run(row)
    respelt = row | {"membership_number": "M1A"}
    assert counts(run(respelt, at=LATER)) == (0, 1, 0)
    assert shown() == ["M1A"]
    assert counts(run(respelt, at=LATER)) == (0, 0, 1)


def test_a_number_that_the_office_has_given_since_stays(mary: Person) -> None:
    row = MEMBER | {"membership_number": "m1a"}
    run(row)
    Membership.objects.update(number="M9")
    run(row | {"membership_number": "M1A"}, at=LATER)
    assert shown() == ["M9"]


def test_a_number_that_changed_hands_is_refused_in_any_capitals(mary: Person) -> None:
    row = MEMBER | {"membership_number": "m1a"}
    run(row)
    Membership.objects.update(number="M2")
    factories.membership(factories.person("Olga", "Oak"), number="M1A")
    assert problems(row | {"title": "Dr"}, at=LATER) == [
        "line 2, email: Membership number m1a was imported for one person and now belongs to "
        "another. Correct it in the office under Memberships"
    ]


def test_new_members_have_their_own_terms() -> None:
    """Rows of one file are told apart by their keys."""
    other = MEMBER | {"membership_number": "M2", "email": "max@example.org"}
    run(MEMBER, other | {"renewal_date": "2028-04-01"})
    found = Membership.objects.order_by("number").values_list("number", "terms__end__year")
    assert list(found) == [("M1", 2027), ("M2", 2028)]
    run(MEMBER | {"membership_number": "M3", "email": "m3@example.org"})
    assert Membership.objects.filter(terms__end__year=2027).count() == 2


# --- The office and the database -------------------------------------------------------------
def test_the_office_is_told_in_words(
    client_of: Callable[[Person], Client], sam: Person, mary: Person
) -> None:
    typed: dict[str, Any] = {
        "person": factories.person("Nora", "New").pk,
        "number": "m1A",
        "terms-TOTAL_FORMS": 0,
        "terms-INITIAL_FORMS": 0,
    }
    response = client_of(sam).post(reverse("admin:membership_membership_add"), typed)
    assert SENTENCE in response.content.decode()
    assert shown() == ["M1a"]


def test_the_database_refuses_it(mary: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.membership(factories.person("Nora", "New"), number="m1A")


# --- Installations that have such numbers ----------------------------------------------------
def migrate(to: str | None = None) -> None:
    call_command("migrate", "membership", *filter(None, [to]), verbosity=0)


def as_before(model: str) -> Any:
    """The model as it was then: its table has other columns today."""
    loader = MigrationExecutor(connection).loader
    return loader.project_state(("membership", "0005_bounds")).apps.get_model("membership", model)


def enter(number: str) -> int:
    """A membership of that time: its key."""
    person = factories.person("Nora", "New", has_account=False)
    made = as_before("Membership").objects.create(person_id=person.pk, number=number)
    return int(made.pk)


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    """The database as it was before numbers were the same whatever their capitals."""
    migrate("0005")
    yield
    for model in ("MembershipTerm", "Membership", "MembershipCategory"):
        as_before(model).objects.all().delete()
    migrate()


def test_an_update_names_the_numbers_that_several_people_have(before: None) -> None:
    for number in ("M1a", "x9", "m1A", "X9", "M2"):
        enter(number)

    with pytest.raises(CommandError) as told:
        migrate("0006")

    assert str(told.value) == (
        "Membership numbers that differ only in capitals and small letters are now the same, and "
        "several people have one: M1a and m1A; X9 and x9. Go back to the version that you had, "
        "give each person another number in the office under Memberships, and update again."
    )
    assert told.value.returncode == 2


def test_an_update_keeps_numbers_and_terms(before: None) -> None:
    category = as_before("MembershipCategory").objects.get(name="Accredited")
    days = {"start": date(2026, 4, 1), "end": date(2027, 3, 31)}
    key = enter("M1a")
    as_before("MembershipTerm").objects.create(membership_id=key, category_id=category.pk, **days)
    migrate()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(person=factories.person("Olga", "Oak"), number="m1A")
    term = Membership.objects.get(pk=key).terms.get()
    assert (term.start, term.end) == (days["start"], days["end"])
    with pytest.raises(IntegrityError), transaction.atomic():
        term.membership.terms.create(category=term.category, start=term.end, end=term.end)
    with pytest.raises(IntegrityError), transaction.atomic():
        term.membership.terms.create(category=term.category, start=term.start - DAY, end=None)
