"""Acts on accounts, persons and affiliations lock in one order: no two wait for each other.

SQLite has one lock for all; what the acts ask for is the same on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db.models import Model, QuerySet
from django.test import Client, RequestFactory
from django.utils import timezone

from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from portal.core.rows.locking import lock
from portal.membership.importing_people import matching
from portal.organisations.models import Affiliation
from portal.people.attaching_accounts import attach_person, settle_claim
from portal.people.inviting import accept, invite
from portal.people.models import AccountClaim, Address, Invitation, Person
from portal.people.staffing import add_staff
from tests import factories
from tests.accounts.test_sign_up import confirm, sign_up
from tests.membership import people_files
from tests.membership.people_files import LATER, MEMBER, run
from tests.people.test_inviting import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ina() -> Person:
    return factories.person("Ina", "Invited", email="ina@example.org", has_account=False)


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type]]:
    """The models that were locked, in turn, each named once."""
    seen: list[type] = []
    real = QuerySet.select_for_update

    def watched(self: QuerySet, *args: object, **options: object) -> QuerySet:
        seen.append(self.model)
        return real(self, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "select_for_update", watched)
        yield seen


def first_of_each(locked: list[type]) -> list[type]:
    """Of the account's own rows none is locked before the account is."""
    return [model for model in dict.fromkeys(locked) if model is not EmailAddress]


def test_accepting_an_invitation(ina: Person, locked: list[type]) -> None:
    token = token_of(ina)
    locked.clear()
    accept(token, password="three words together", at=timezone.now())
    assert first_of_each(locked) == [User, Person, Invitation]


def test_confirming_an_address(client: Client, ina: Person, locked: list[type]) -> None:
    sign_up(client, email=ina.email)
    locked.clear()
    confirm(client, ina.email)
    assert first_of_each(locked) == [User, Person]


def test_settling_a_claim(ina: Person, locked: list[type]) -> None:
    claim = AccountClaim.objects.create(user=factories.account("ina@example.org"))
    settle_claim(claim, ina, actor="test", at=timezone.now())
    assert first_of_each(locked) == [User, Person, AccountClaim]


def test_adding_staff_and_the_others(ina: Person, locked: list[type]) -> None:
    at = timezone.now()
    add_staff(ina.email, actor="test", at=at)
    invite([ina], actor="test", at=at)
    assert first_of_each(locked) == [User, Person]
    locked.clear()
    attach_person(User.objects.get(), at=at)
    assert first_of_each(locked) == [User, Person]


def test_importing_people(locked: list[type]) -> None:
    people_files.lists()
    run(MEMBER)
    locked.clear()
    changed = {"address_line_1": "2 High Street", "role_type": "Supervisor"}
    run(MEMBER | changed, at=LATER, verified=True)
    assert first_of_each(locked) == [Person, Affiliation, Address]


@pytest.mark.parametrize("verified", [False, True])
def test_an_import_locks_affiliations_by_key_however_long_its_file(
    monkeypatch: pytest.MonkeyPatch, verified: bool
) -> None:
    """Two queries' worth; the keys run against those of the people and against the file."""
    people_files.lists()
    nowhere = dict.fromkeys(("organisation", "organisation_type", "role_type"), "")
    other = MEMBER | {"membership_number": "M2", "email": "max@example.org"}
    run(MEMBER | nowhere)
    run(MEMBER | nowhere, other)
    run(MEMBER, other)
    keys: list[int] = []

    def watched(rows: QuerySet[Model]) -> list[Any]:
        found = lock(rows)
        keys.extend(row.pk for row in found if isinstance(row, Affiliation))
        return found

    monkeypatch.setattr(matching, "lock", watched)
    monkeypatch.setattr(matching, "_AT_ONCE", 1)
    run(
        MEMBER | {"role_type": "Supervisor"},
        other | {"title": "Mr", "role_type": "Supervisor"},
        at=LATER,
        verified=verified,
    )

    first, second = Affiliation.objects.order_by("person")
    assert first.pk > second.pk
    assert keys == [second.pk, first.pk]


def test_an_account_that_went_before_it_was_confirmed_confirms_nothing(
    ina: Person, rf: RequestFactory
) -> None:
    """Its holder accepted an invitation in the same moment: the account's rows are gone."""
    address = EmailAddress.objects.create(user=User.objects.create_user(ina.email), email=ina.email)
    accept(token_of(ina), password="three words together", at=timezone.now())

    assert not AccountAdapter().confirm_email(rf.get("/"), address)
    assert EmailAddress.objects.get().user.check_password("three words together")
