"""What the office does while it imports people: nothing is undone, and no two wait for each other.

The controls go by affiliations and people that were read without a lock. On SQLite, where the
import's transaction is itself the lock, they were read before it, and there is no deadlock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import OperationalError, connection

from portal.membership import editing_memberships
from portal.membership.editing_memberships import keep_membership
from portal.membership.importing_people import affiliations, importing, matching
from portal.membership.models import Membership
from portal.organisations.models import Affiliation
from portal.organisations.verifying_affiliations import take_back, verify
from portal.people.models import Person
from tests import factories
from tests.concurrency.meanwhile import Meanwhile
from tests.concurrency.test_import import only_postgresql, read_without_a_lock
from tests.membership import people_files
from tests.membership.people_files import LATER, MEMBER, run

pytestmark = pytest.mark.django_db(transaction=True)
MAX = MEMBER | {"membership_number": "M2", "first_name": "Max", "email": "max@example.org"}
SUPERVISOR = {"role_type": "Supervisor"}
BOTH_CHANGED = ([MAX | SUPERVISOR, MEMBER | SUPERVISOR], False)
ONE_VERIFIED = ([MAX | SUPERVISOR, MEMBER], True)


@pytest.fixture(autouse=True)
def lists(body: object) -> None:
    people_files.lists()


def take_all_back() -> int:
    return take_back(Affiliation.objects.all(), actor="sam", at=LATER)


def verify_all() -> int:
    return verify(Affiliation.objects.all(), actor="sam", at=LATER)


def of_each() -> dict[str, tuple[str, bool]]:
    rows = Affiliation.objects.select_related("person", "role_type")
    return {row.person.first_name: (str(row.role_type), row.is_verified) for row in rows}


# --- What the office has taken back ------------------------------------------------------------
def test_a_verification_that_is_taken_back_meanwhile_stays_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(MEMBER, verified=True)
    office = Meanwhile(take_all_back)
    monkeypatch.setattr(affiliations, "_wanted", office.around(affiliations._wanted))

    run(MEMBER | SUPERVISOR, at=LATER)

    assert office.end() == 1
    assert of_each() == {"Mary": ("Supervisor", False)}


def test_control_without_the_lock_it_is_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run(MEMBER, verified=True)
    if connection.vendor == "postgresql":
        office = Meanwhile(take_all_back)
        monkeypatch.setattr(matching, "lock", list)
        monkeypatch.setattr(affiliations, "_wanted", office.around(affiliations._wanted))
    else:
        read_without_a_lock(monkeypatch, Affiliation, lambda: take_all_back() and None)

    run(MEMBER | SUPERVISOR, at=LATER)

    assert of_each() == {"Mary": ("Supervisor", True)}


# --- Two who lock the same affiliations ---------------------------------------------------------
@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Sam, who verifies everybody when an import has written the first row of its file."""
    run(MEMBER)
    run(MEMBER, MAX)
    office = Meanwhile(verify_all)
    monkeypatch.setattr(importing, "_WRITE_AT_ONCE", 1)
    monkeypatch.setattr(importing, "write_record", office.around(importing.write_record))
    return office


@pytest.mark.parametrize(("rows", "verified"), [BOTH_CHANGED, ONE_VERIFIED])
def test_who_verifies_meanwhile_waits_and_is_not_waited_for(
    office: Meanwhile, rows: list[dict[str, str]], verified: bool
) -> None:
    """The file has them in the other order than their keys."""
    run(*rows, at=LATER, verified=verified)

    assert office.end() == (0 if verified else 2)
    assert office.is_done_before_the_step is False
    assert of_each() == {
        "Max": ("Supervisor", True),
        "Mary": (rows[1]["role_type"], True),
    }


@only_postgresql
@pytest.mark.parametrize(("rows", "verified"), [BOTH_CHANGED, ONE_VERIFIED])
def test_control_without_the_locks_taken_first_it_is_a_deadlock(
    office: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[dict[str, str]],
    verified: bool,
) -> None:
    monkeypatch.setattr(matching, "lock", list)

    outcomes = [outcome_of(lambda: run(*rows, at=LATER, verified=verified)), office.end()]

    assert [str(each).splitlines()[0] for each in outcomes if isinstance(each, Exception)] == [
        "deadlock detected"
    ]


def outcome_of(act: Callable[[], object]) -> object:
    try:
        return act()
    except OperationalError as error:
        return error


# --- A membership that becomes another person's ---------------------------------------------------
def give_to(person: Person) -> Membership:
    membership = Membership.objects.get()
    membership.person = person
    return keep_membership(membership, written=[], fields=["person"], actor="sam", at=LATER)


@only_postgresql
@pytest.mark.parametrize("is_locked", [True, False])
def test_a_membership_does_not_change_hands_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    """Its terms are planned by then. Control: without the locks it does."""
    run(MEMBER)
    other = factories.person("Olga", "Oak")
    office = Meanwhile(lambda: give_to(other))
    monkeypatch.setattr(importing, "write_people", office.around(importing.write_people))
    if not is_locked:
        monkeypatch.setattr(editing_memberships, "lock", list)

    run(MEMBER | {"renewal_date": "2028-04-01"}, at=LATER)

    assert isinstance(office.end(), Membership)
    assert office.is_done_before_the_step is not is_locked
    assert Membership.objects.get().person == other
    assert Membership.objects.get().terms.latest("end").end == date(2028, 3, 31)
