"""Many orders at once: every invoice has its own number, and none is left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.billing import invoicing
from portal.billing.models import Invoice, InvoiceSeries
from portal.core.dates import on_day
from portal.events.booking import submit_order
from portal.events.order_review import review
from tests import factories
from tests.billing.raising import raised
from tests.concurrency.meanwhile import Meanwhile
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS = 32


class Abort(Exception):
    pass


def test_no_number_is_given_twice_and_none_is_left_out(alice):
    def buy() -> Invoice:
        return raised(alice)

    def fail() -> Invoice:
        with transaction.atomic():
            raised(alice)
            raise Abort

    acts = [buy] * BUYERS
    acts[BUYERS // 2] = fail
    done = together(acts)

    assert [type(d) for d in done if isinstance(d, Exception)] == [Abort]
    sequences = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, BUYERS))
    assert InvoiceSeries.objects.get().next_number == BUYERS
    assert Invoice.objects.values("reference").distinct().count() == BUYERS - 1


def test_control_without_the_lock_two_take_the_same_number(alice, monkeypatch):
    """Both go by a counter that was read before either of them wrote it, as without the lock.

    It is read outside their transactions, since on SQLite the transaction itself is the lock.
    """
    read = iter([InvoiceSeries.objects.get(), InvoiceSeries.objects.get()])
    monkeypatch.setattr(invoicing, "lock_one", lambda _: next(read))

    done = together([lambda: raised(alice)] * 2)

    assert {type(d) for d in done} == {Invoice, IntegrityError}
    assert InvoiceSeries.objects.get().next_number == 2


def test_the_date_is_decided_when_it_is_known_which_invoice_is_before(alice, bob, monkeypatch):
    """Bob's is drawn up at a clock a day behind, and takes its number after Alice's of today."""
    now = timezone.now()
    meanwhile = Meanwhile(lambda: raised(alice, at=now))
    monkeypatch.setattr(invoicing, "lock_one", meanwhile.around(invoicing.lock_one))

    raised(bob, at=now - timedelta(days=1))
    meanwhile.end()

    days = list(Invoice.objects.order_by("sequence").values_list("issued_on", flat=True))
    assert days == sorted(days)
    if connection.vendor == "postgresql":
        assert meanwhile.is_done_before_the_step
        assert days == [on_day(now)] * 2


def test_in_an_order_it_is_the_last_lock_and_after_it_rows_are_only_added(alice):
    """So that others wait for it as short as possible, and nobody for anything in another order."""
    place = factories.option(factories.event())
    basket = factories.hold(alice, place)
    reviewed = review(basket, at=timezone.now()).fingerprint
    written = []

    def watch(execute, sql, params, many, context):
        verb = sql.split(None, 1)[0]
        if verb in {"INSERT", "UPDATE", "DELETE"} or "FOR NO KEY UPDATE" in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        submit_order(basket, actor=alice, purchase_order="", reviewed=reviewed, at=timezone.now())

    [counter] = [sql for sql in written if sql.startswith('UPDATE "billing_invoiceseries"')]
    after = written[written.index(counter) + 1 :]
    assert len(after) > 5
    assert {sql.split(None, 1)[0] for sql in after} == {"INSERT"}
