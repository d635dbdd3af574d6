"""Recording payments, and what is owed."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.billing.models import Allocation, Invoice, Payment
from portal.billing.payments import MoneyRefused, receive
from portal.core.dates import today
from portal.core.models import HistoryEntry
from portal.core.money import Money
from tests.billing.raising import line, pay, raised

pytestmark = pytest.mark.django_db


def again(invoice):
    return Invoice.objects.with_balance().get(pk=invoice.pk)


def record(invoice, pounds, **more):
    given = {"received_on": today(), "actor": "the office", "at": timezone.now()} | more
    return receive(invoices=[invoice], amount=Money.from_pounds(pounds), **given)


class TestStatus:
    def test_in_parts_until_it_is_paid(self, alice):
        invoice = raised(alice)
        assert (again(invoice).status, again(invoice).balance) == ("Open", Money(12_000))

        pay(invoice, "50")
        assert again(invoice).status == "Part paid"
        assert (again(invoice).paid, again(invoice).balance) == (Money(5000), Money(7000))
        assert not again(invoice).is_settled

        pay(invoice, "70")
        assert (again(invoice).status, again(invoice).balance) == ("Paid", Money(0))
        assert again(invoice).is_settled

    def test_it_is_overdue_from_the_day_after_it_was_due(self, alice):
        invoice = raised(alice, at=datetime(2030, 1, 1, 12, tzinfo=UTC))
        pay(invoice, "50", at=datetime(2030, 1, 2, 12, tzinfo=UTC))
        assert invoice.due_on == date(2030, 1, 31)

        with time_machine.travel(datetime(2030, 1, 31, 23, 59, tzinfo=UTC), tick=False):
            assert again(invoice).status == "Part paid"
        with time_machine.travel(datetime(2030, 2, 1, 0, 1, tzinfo=UTC), tick=False):
            assert again(invoice).status == "Overdue"
            pay(invoice, "70")
            assert again(invoice).status == "Paid"

    def test_the_balance_is_the_same_with_and_without_reading_it_along(self, alice):
        invoice = raised(alice)
        pay(invoice, "50")

        assert Invoice.objects.get(pk=invoice.pk).balance == again(invoice).balance == Money(7000)

    def test_many_balances_are_one_query(self, alice, django_assert_num_queries):
        for _ in range(3):
            pay(raised(alice), "50")

        with django_assert_num_queries(1):
            rows = list(Invoice.objects.for_person(alice).with_balance())
            told = [(row.paid, row.status) for row in rows]

        assert told == [(Money(5000), "Part paid")] * 3

    def test_open_and_settled_invoices(self, alice, bob):
        opened, part, paid, others = raised(alice), raised(alice), raised(alice), raised(bob)
        pay(part, "0.01")
        pay(paid)

        assert list(Invoice.objects.for_person(alice).open()) == [opened, part]
        assert list(Invoice.objects.for_person(alice).settled()) == [paid]
        assert list(Invoice.objects.for_person(bob).open()) == [others]

    def test_the_day_it_was_settled_is_that_of_the_last_money(self, alice):
        invoice = raised(alice)
        record(invoice, "100", received_on=today() - timedelta(days=1))
        assert again(invoice).settled_on is None

        record(invoice, "20", received_on=today() - timedelta(days=5))
        assert again(invoice).settled_on == today() - timedelta(days=1)


class TestRecording:
    def test_what_is_written(self, alice):
        invoice = raised(alice)
        at = timezone.now()

        payment = record(
            invoice, "50", received_on=date(2026, 1, 2), at=at, note="cheque 481", actor="sam"
        )

        payment = Payment.objects.get(pk=payment.pk)
        assert (payment.amount, payment.received_on) == (Money(5000), date(2026, 1, 2))
        assert (payment.recorded_by, payment.recorded_at, payment.note) == ("sam", at, "cheque 481")
        allocation = payment.allocations.get()
        assert (allocation.invoice, allocation.amount) == (invoice, Money(5000))
        entry = HistoryEntry.objects.get(act="payment recorded")
        assert entry.detail == {
            "amount": "£50.00",
            "allocated": "£50.00",
            "received_on": "2026-01-02",
        }

    def test_more_than_is_owed_is_refused(self, alice):
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match=r"£120\.01 is £0\.01 more than the £120\.00 owed"):
            record(invoice, "120.01")

        assert not Payment.objects.exists()

    def test_the_rest_can_be_kept(self, alice):
        invoice = raised(alice)

        payment = record(invoice, "150", keep_excess=True)

        assert payment.amount == Money(15_000)
        assert payment.allocations.get().amount == Money(12_000)
        assert again(invoice).balance == Money(0)

    def test_a_paid_invoice_takes_no_more(self, alice):
        invoice = raised(alice)
        pay(invoice)

        for keep in (False, True):
            with pytest.raises(MoneyRefused, match="is already paid"):
                record(invoice, "1", keep_excess=keep)

        assert Allocation.objects.count() == 1

    @pytest.mark.parametrize(
        ("pounds", "days", "sentence"),
        [("0", 0, "must be more than £0.00"), ("1", 1, "is in the future")],
    )
    def test_what_cannot_be_is_refused(self, alice, pounds, days, sentence):
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match=sentence):
            record(invoice, pounds, received_on=today() + timedelta(days=days))

        assert not Payment.objects.exists()

    def test_today_is_a_london_day(self, alice):
        invoice = raised(alice, at=datetime(2030, 6, 1, tzinfo=UTC))
        at = datetime(2030, 6, 30, 23, 30, tzinfo=UTC)

        payment = record(invoice, "1", at=at, received_on=date(2030, 7, 1))

        assert payment.received_on == date(2030, 7, 1)


def test_an_invoice_of_nothing_is_settled_by_itself(alice):
    invoice = raised(alice, line("0"))

    assert again(invoice).status == "Paid"
    assert list(Invoice.objects.open()) == []


def test_a_year_that_was_mistyped_is_refused(alice):
    invoice = raised(alice)

    with pytest.raises(MoneyRefused, match="Check the year"):
        receive(
            invoices=[invoice],
            amount=invoice.balance,
            received_on=invoice.issued_on.replace(year=1990, day=1),
            actor="the office",
            at=timezone.now(),
        )

    assert not Payment.objects.exists()
