"""Many orders at once: every invoice has its own number, and none is left out."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from portal.billing import invoicing
from portal.billing.models import Invoice, InvoiceSeries
from tests.billing.raising import raised
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
