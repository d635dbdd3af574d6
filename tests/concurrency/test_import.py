"""What a member does while the office imports people: nothing of theirs is undone, or waits.

The controls go by rows that were read without a lock. On SQLite, where the import's transaction
is itself the lock, they were read before it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from portal.events.models import Order
from portal.membership.importing_people import importing, matching, writing
from portal.people.models import Address, Person
from tests import factories
from tests.concurrency.meanwhile import Meanwhile
from tests.events.acts import hold, submit
from tests.membership import people_files
from tests.membership.people_files import LATER, MEMBER, run

pytestmark = pytest.mark.django_db(transaction=True)
only_postgresql = pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")


@pytest.fixture(autouse=True)
def imported(body: object) -> None:
    people_files.lists()
    run(MEMBER)


def number_purchases() -> None:
    Person.objects.update(purchase_order_number="PO-mine")


def move_to_bradford() -> None:
    Address.objects.update(town="Bradford")


def read_without_a_lock(
    monkeypatch: pytest.MonkeyPatch, model: type[Model], change: Callable[[], None]
) -> None:
    """The import goes by rows of the model that were read before the member's change."""
    read = list(model._default_manager.all())
    change()

    def unlocked(rows: QuerySet[Model]) -> list[Model]:
        return read if rows.model is model else list(rows)

    monkeypatch.setattr(matching, "lock", unlocked)


def test_a_person_keeps_what_they_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    member = Meanwhile(number_purchases)
    monkeypatch.setattr(importing, "write_people", member.around(importing.write_people))

    run(MEMBER | {"title": "Dr"}, at=LATER)
    member.end()

    mary = Person.objects.get()
    assert (mary.title, mary.purchase_order_number) == ("Dr", "PO-mine")


def test_control_without_the_lock_the_person_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        member = Meanwhile(number_purchases)
        monkeypatch.setattr(matching, "lock", list)
        monkeypatch.setattr(importing, "write_people", member.around(importing.write_people))
    else:
        read_without_a_lock(monkeypatch, Person, number_purchases)

    run(MEMBER | {"title": "Dr"}, at=LATER)

    mary = Person.objects.get()
    assert (mary.title, mary.purchase_order_number) == ("Dr", "PO-1")


def test_an_address_keeps_what_was_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    member = Meanwhile(move_to_bradford)
    monkeypatch.setattr(writing, "_corrected", member.around(writing._corrected))

    run(MEMBER | {"address_line_1": "2 High Street"}, at=LATER)
    member.end()

    address = Address.objects.get()
    assert (address.line_1, address.town) == ("2 High Street", "Bradford")


def test_control_without_the_lock_the_address_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        member = Meanwhile(move_to_bradford)
        monkeypatch.setattr(matching, "lock", list)
        monkeypatch.setattr(writing, "_corrected", member.around(writing._corrected))
    else:
        read_without_a_lock(monkeypatch, Address, move_to_bradford)

    run(MEMBER | {"address_line_1": "2 High Street"}, at=LATER)

    address = Address.objects.get()
    assert (address.line_1, address.town) == ("2 High Street", "Leeds")


@only_postgresql
@pytest.mark.parametrize("is_whole", [False, True])
def test_an_order_does_not_wait_for_the_import(
    monkeypatch: pytest.MonkeyPatch, is_whole: bool
) -> None:
    """It refers to people whom the import has locked. Control: under a whole lock it waits."""
    option = factories.option(factories.event())
    mary = Person.objects.get()
    member = Meanwhile(lambda: submit(hold(option, mary)))
    monkeypatch.setattr(importing, "write_people", member.around(importing.write_people))
    if is_whole:
        whole = matching.lock
        monkeypatch.setattr(matching, "lock", lambda rows: whole(rows, for_deletion=True))

    run(MEMBER | {"title": "Dr"}, at=LATER)
    member.end()

    assert isinstance(member.outcome, Order)
    assert member.is_done_before_the_step is not is_whole
