"""Inserting very many rows: they are the same as rows saved one by one."""

from __future__ import annotations

import gc
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.models import Document, HistoryEntry
from portal.core.rows.bulk import ChangedRows, NewRows, new_keys, without_collecting
from portal.membership.models import Qualification
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db


def test_rows_come_out_as_those_saved_one_by_one() -> None:
    at = timezone.now()
    detail = {"file": "Zoë.csv", "lines": [1, 2], "tab": "a\tb\\N\n"}
    values = {"at": at, "act": "x", "object_label": "a\tb\\.\r\n", "detail": detail}
    HistoryEntry.objects.create(**values, actor_label="", object_type="", object_id="")
    rows = NewRows(HistoryEntry, *values)
    rows.add(*values.values())
    assert len(rows) == 1
    rows.insert()
    saved, inserted = HistoryEntry.objects.order_by("pk").values()
    assert {**saved, "id": 0} == {**inserted, "id": 0}


def test_keys_dates_and_constraints_hold() -> None:
    person = factories.person()
    rows = NewRows(Qualification, "person_id", "name", "awarded_on")
    rows.add(person.pk, "CertMAP", date(2021, 6, 1))
    rows.insert()
    assert person.qualifications.get().awarded_on == date(2021, 6, 1)
    rows.insert()
    assert person.qualifications.count() == 1
    rows.add(person.pk, "CertMAP", date(2022, 6, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert()


def test_keys_are_those_that_come_next() -> None:
    before = factories.person("Before")
    first, second = new_keys(Person, 2)
    assert before.pk < first < second
    rows = NewRows(Person, "id", "first_name", "last_name")
    rows.add(second, "Second", "Of two")
    rows.insert()
    assert str(Person.objects.get(pk=second)) == "Second Of two"
    assert factories.person("After").pk > second


def test_rows_are_changed_by_key_and_no_others() -> None:
    person = factories.person()
    entries = [
        Document.objects.create(filename=f"file {n}", data={}, stamped_at=timezone.now())
        for n in range(3)
    ]
    qualification = Qualification.objects.create(
        person=person, name="CertMAP", awarded_on=date(2021, 6, 1)
    )
    changed = ChangedRows(Document, "filename", "data")
    changed.add(entries[0].pk, "changed", {"Zoë": [1]})
    changed.add(entries[2].pk, "too", {})
    changed.update()
    dates = ChangedRows(Qualification, "awarded_on")
    dates.add(qualification.pk, date(2022, 7, 2))
    dates.update()
    dates.update()
    assert list(Document.objects.order_by("pk").values_list("filename", "data")) == [
        ("changed", {"Zoë": [1]}),
        ("file 1", {}),
        ("too", {}),
    ]
    assert Qualification.objects.get().awarded_on == date(2022, 7, 2)


def test_the_collector_rests_and_goes_on_afterwards() -> None:
    with without_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()
