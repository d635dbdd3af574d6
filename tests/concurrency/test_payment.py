"""Two payments of one invoice at once never settle more than is owed."""

from __future__ import annotations

import pytest

from portal.billing import payments
from portal.billing.models import Invoice, Payment
from portal.billing.payments import RecordedAlready
from portal.core.money import Money
from tests.billing.raising import pay, raised
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_is_refused(alice):
    invoice = raised(alice)

    done = together([lambda: pay(invoice, "120")] * 2)

    assert {type(d) for d in done} == {Payment, RecordedAlready}
    assert Invoice.objects.get().balance == Money(0)
    assert Payment.objects.count() == 1


def test_parts_add_up(alice):
    invoice = raised(alice)

    done = together([lambda: pay(invoice, "50", is_another=True)] * 3)

    assert sorted(type(d).__name__ for d in done) == ["MoreThanOwed", "Payment", "Payment"]
    assert Invoice.objects.get().balance == Money(2000)


def test_the_same_one_is_recorded_once(alice):
    invoice = raised(alice)

    done = together([lambda: pay(invoice, "50")] * 3)

    assert sorted(type(d).__name__ for d in done) == ["Payment"] + ["RecordedAlready"] * 2
    assert Invoice.objects.get().balance == Money(7000)


def test_control_without_the_lock_both_are_taken(alice, monkeypatch):
    """Both go by a balance that was read before either of them wrote, as without the lock."""
    raised(alice)
    read = iter([Invoice.objects.with_balance().get(), Invoice.objects.with_balance().get()])
    invoice = Invoice.objects.get()
    monkeypatch.setattr(payments, "lock_accounts", lambda _: None)
    monkeypatch.setattr(payments, "read_again", lambda _: next(read))

    done = together([lambda: pay(invoice, "120", is_another=True)] * 2)

    assert {type(d) for d in done} == {Payment}
    assert Invoice.objects.get().balance == Money(-12_000)
