"""What a member changes while the office imports is not undone by the import."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from portal.membership import import_writing, importing
from portal.people.models import Address, Person
from tests.membership import people_files
from tests.membership.people_files import LATER, MEMBER, run

pytestmark = pytest.mark.django_db(transaction=True)


class Meanwhile:
    """Lets a member act in a thread of their own while the import stands at one of its steps."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._thread = threading.Thread(target=self._run)

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            if self._thread.ident is None:
                self._thread.start()
                self._thread.join(0.5)  # unless it has to wait for the import, it is done by then
            return step(*given, **named)

        return stepped

    def end(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._act()
        finally:
            connection.close()


def test_a_person_keeps_what_they_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    people_files.lists()
    run(MEMBER)
    member = Meanwhile(lambda: Person.objects.update(purchase_order_number="PO-mine"))
    monkeypatch.setattr(importing, "write_people", member.around(importing.write_people))

    run(MEMBER | {"title": "Dr"}, at=LATER)
    member.end()

    mary = Person.objects.get()
    assert (mary.title, mary.purchase_order_number) == ("Dr", "PO-mine")


def test_an_address_keeps_what_was_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    people_files.lists()
    run(MEMBER)
    member = Meanwhile(lambda: Address.objects.update(town="Bradford"))
    monkeypatch.setattr(import_writing, "_corrected", member.around(import_writing._corrected))

    run(MEMBER | {"address_line_1": "2 High Street"}, at=LATER)
    member.end()

    address = Address.objects.get()
    assert (address.line_1, address.town) == ("2 High Street", "Bradford")
