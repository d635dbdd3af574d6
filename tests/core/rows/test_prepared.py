"""Queries whose SQL is kept: they give what the ORM gives, for each key, on each database."""

import pytest
from django.db import models
from django.db.models import Count, F

from portal.billing.models import Invoice
from portal.core.rows.prepared import PreparedQuery, PreparedRow
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db

FIELDS = ["number", "issued_on", "issued_at", "net", "supplier", "allocated", "n"]


def invoices(payer):
    return (
        Invoice.objects.for_person(payer)
        .with_balance()
        .annotate(n=Count("lines"))
        .order_by(F("sequence").desc())
        .values_list(*FIELDS)
    )


def test_its_rows_are_those_of_the_orm(alice, bob, charlie):
    query = PreparedQuery(invoices)
    for payer in (alice, alice, bob):
        pay(raised(payer), "5")

    for payer, count in ((alice, 2), (bob, 1), (charlie, 0)):
        rows = query.rows(payer.pk)
        assert rows == list(invoices(payer))
        assert len(rows) == count


def test_it_is_one_query_and_written_once(alice, django_assert_num_queries):
    asked = []

    def build(payer):
        asked.append(payer)
        return invoices(payer)

    query = PreparedQuery(build)
    raised(alice)

    with django_assert_num_queries(2):
        assert query.rows(alice.pk) == query.rows(alice.pk)
    assert len(asked) == 1


def test_values_besides_the_key_stay(alice):
    first, second = raised(alice), raised(alice)
    query = PreparedQuery(lambda payer: invoices(payer).filter(number=first.number))

    assert [row[0] for row in query.rows(alice.pk)] == [first.number]
    assert second.number != first.number


def test_a_row_is_the_object_that_the_orm_gives(alice, bob, django_assert_num_queries):
    found = PreparedRow(
        Invoice, lambda payer: Invoice.objects.for_person(payer).order_by("pk"), with_="account"
    )
    first = raised(alice)
    raised(alice)
    found.first(alice.pk)

    with django_assert_num_queries(1):
        row = found.first(alice.pk)
        assert row.account.person_id == alice.pk
    assert found.first(bob.pk) is None
    fields = [field.attname for field in Invoice._meta.concrete_fields]
    saved = Invoice.objects.get(pk=first.pk)
    assert [getattr(row, name) for name in fields] == [getattr(saved, name) for name in fields]


def test_a_row_by_a_key_that_is_no_number(alice):
    found = PreparedRow(
        Invoice,
        lambda number: Invoice.objects.filter(number=number),
        of=models.CharField(),
    )
    invoice = raised(alice)
    assert found.first(invoice.number) == invoice
    assert found.first("no such number") is None
