"""Issued rows do not change: not by the models, not by SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from portal.billing.models import Allocation, Invoice, InvoiceLine, Payment
from portal.core.rows.immutable import Immutable
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(alice):
    invoice = raised(alice)
    payment = pay(invoice)
    return {
        Invoice: invoice,
        InvoiceLine: invoice.lines.get(),
        Payment: payment,
        Allocation: payment.allocations.get(),
    }


@pytest.mark.parametrize("model", [Invoice, InvoiceLine, Payment, Allocation])
class TestRefused:
    def test_sql(self, rows, model):
        table = model._meta.db_table
        sql = f"UPDATE {table} SET id = id WHERE id = %s"

        with (
            pytest.raises(DatabaseError, match="Issued rows do not change"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [rows[model].pk])

    def test_saving(self, rows, model):
        with pytest.raises(Immutable):
            rows[model].save()
        with pytest.raises(Immutable):
            model.objects.get(pk=rows[model].pk).save()

    def test_deleting(self, rows, model):
        with pytest.raises(Immutable):
            rows[model].delete()

    def test_sets_of_rows(self, rows, model):
        with pytest.raises(Immutable):
            model.objects.all().delete()
        with pytest.raises(Immutable):
            model.objects.update(pk=5)
        with pytest.raises(Immutable):
            model.objects.bulk_update([rows[model]], ["id"])


def test_the_payer_stays_while_an_invoice_names_them(alice):
    raised(alice)

    with pytest.raises(DatabaseError):
        alice.delete()
