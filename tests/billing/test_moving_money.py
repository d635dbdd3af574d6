"""Receiving, allocating, taking back, reversing, refunding and writing off."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.billing.accounts import account_of
from portal.billing.allocating import MoneyRefused, MoreThanOwed, allocate, take_back
from portal.billing.credit_to_use import credits_of
from portal.billing.models import Allocation, Invoice, Payment, Refund, Reversal, WriteOff
from portal.billing.payments import RecordedAlready, receive, reverse
from portal.billing.purchase_orders import number_of
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import today
from portal.core.models import HistoryEntry
from portal.core.money import Money
from portal.core.rows.immutable import Immutable
from tests import factories
from tests.billing.raising import line, pay, raised

pytestmark = pytest.mark.django_db


def by(**more):
    return {"actor": "the office", "at": timezone.now(), **more}


def take(pounds, *invoices, **more):
    given = {"received_on": today(), "invoices": invoices, **more}
    return receive(amount=Money.from_pounds(pounds), **by(**given))


def bounced(payment, **more):
    return reverse(payment, **by(**{"reversed_on": today(), "reason": "cheque bounced", **more}))


def now(row):
    return type(row).objects.get(pk=row.pk)


def of(person):
    return account_of(person, at=timezone.now())


class TestReceiving:
    def test_one_transfer_pays_several_in_the_order_given(self, alice):
        first, second, third = raised(alice), raised(alice), raised(alice)

        payment = take("250", second, first, third)

        assert [now(each).balance for each in (first, second, third)] == [
            Money(0),
            Money(0),
            Money(11_000),
        ]
        assert payment.left == Money(0)

    def test_an_employer_pays_for_several_people(self, alice, bob):
        firm = of(factories.organisation())

        payment = take("240", raised(alice), raised(bob), account=firm)

        assert payment.account == firm
        assert not Invoice.objects.open()

    def test_it_may_settle_nothing_yet(self, alice):
        payment = take("50", account=of(alice))

        assert (payment.left, credits_of(of(alice))) == (Money(5000), [payment])
        assert HistoryEntry.objects.get().object_label == str(payment)

    def test_what_is_more_than_all_of_them_is_refused_or_kept(self, alice):
        first, second = raised(alice), raised(alice)

        with pytest.raises(MoreThanOwed, match=f"{first.number} and {second.number}"):
            take("240.01", first, second)
        payment = take("240.01", first, second, keep_excess=True)

        assert payment.left == Money(1)

    def test_the_hint_about_a_double_comes_first(self, alice):
        """Before that the invoice is paid, that it is too much, or that the date cannot be."""
        invoice = raised(alice)
        pay(invoice)

        with pytest.raises(RecordedAlready):
            take("120", invoice)
        with pytest.raises(MoneyRefused, match="it is paid"):
            take("120", invoice, is_another=True)

    def test_what_really_came_twice_is_credit(self, alice):
        invoice = raised(alice)
        pay(invoice)

        again = take("120", invoice, is_another=True, keep_excess=True)

        assert (again.left, now(invoice).balance) == (Money(12_000), Money(0))

    def test_what_waits_on_the_account_is_a_double_too(self, alice, bob):
        take("120", account=of(alice))

        with pytest.raises(RecordedAlready, match=r"the account of Ms Alice Archer \(P\d{6}\)"):
            take("120", raised(alice))
        with pytest.raises(RecordedAlready):
            take("120", account=of(alice))
        take("120", raised(bob))
        take("120", account=of(alice), received_on=today() - timedelta(days=1))

    def test_what_bounced_may_come_again_the_same_day(self, alice):
        invoice = raised(alice)
        bounced(pay(invoice))

        take("120", invoice)

        assert now(invoice).status == "Paid"


class TestAllocating:
    def test_what_was_kept_pays_the_next_invoice(self, alice):
        payment = take("150", raised(alice), keep_excess=True)
        following = raised(alice)

        made = allocate(payment, invoice=following, **by())

        assert (made.amount, now(following).balance) == (Money(3000), Money(9000))
        assert HistoryEntry.objects.get(act="allocated").detail == {
            "amount": "£30.00",
            "of": payment.number,
        }

    @pytest.mark.parametrize(
        ("pounds", "sentence"),
        [("0", "more than £0.00"), ("50.01", "is left of P"), ("20.01", "owed on invoice")],
    )
    def test_no_more_than_is_left_or_owed(self, alice, pounds, sentence):
        payment, invoice = take("50", account=of(alice)), raised(alice)
        pay(invoice, "100")

        with pytest.raises(MoneyRefused, match=sentence):
            allocate(payment, invoice=invoice, amount=Money.from_pounds(pounds), **by())

    def test_nothing_owed_or_nothing_left(self, alice):
        paid, owed = raised(alice), raised(alice)
        used = pay(paid)
        spare = take("5", account=of(alice))

        with pytest.raises(MoneyRefused, match="Nothing is owed on invoice"):
            allocate(spare, invoice=paid, **by())
        with pytest.raises(MoneyRefused, match="All of P"):
            allocate(used, invoice=owed, **by())

    def test_taken_back_it_is_to_use_again_and_owed_again(self, alice):
        invoice, other = raised(alice), raised(alice)
        payment = pay(invoice)

        take_back(payment.allocations.get(), **by())

        assert (now(invoice).status, now(payment).left) == ("Open", Money(12_000))
        assert now(invoice).settled_on is None
        allocate(payment, invoice=other, **by())
        assert now(other).status == "Paid"
        assert Allocation.objects.count() == 3

    def test_it_is_taken_back_once(self, alice):
        allocation = pay(raised(alice)).allocations.get()
        back = take_back(allocation, **by())

        for each in (allocation, back):
            with pytest.raises(MoneyRefused, match="already been taken back"):
                take_back(each, **by())
        with pytest.raises(IntegrityError), transaction.atomic():
            Allocation.objects.create(
                payment=allocation.payment,
                invoice=allocation.invoice,
                amount=-allocation.amount,
                takes_back=allocation,
            )

    def test_the_purchase_order_number_is_frozen_and_may_change_once_owed_again(self, alice):
        invoice = raised(alice)
        alice.purchase_order_number = "PO-1"
        alice.save()
        payment = pay(invoice)
        alice.purchase_order_number = "PO-2"
        alice.save()

        assert number_of(now(invoice)) == "PO-1"
        take_back(payment.allocations.get(), **by())
        assert not now(invoice).is_settled


class TestReversing:
    def test_all_that_it_settled_is_owed_again(self, alice, bob):
        first, second = raised(alice), raised(bob)
        payment = take("250", first, second, keep_excess=True)

        bounced(payment)

        assert [now(each).status for each in (first, second)] == ["Open", "Open"]
        assert (now(payment).left, credits_of(of(alice))) == (Money(0), [])
        told = HistoryEntry.objects.filter(act="payment reversed")
        assert {each.object_label for each in told} == {first.number, second.number}

    @pytest.mark.parametrize(
        ("reason", "days", "sentence"),
        [
            (" ", 0, "Say why"),
            ("bounced", 1, "in the future"),
            ("bounced", -1, "came in on"),
        ],
    )
    def test_what_cannot_be_is_refused(self, alice, reason, days, sentence):
        invoice = raised(alice)
        payment = pay(invoice)
        day = today() + timedelta(days=days)

        with pytest.raises(MoneyRefused, match=sentence):
            bounced(payment, reason=reason, reversed_on=day)

        assert now(invoice).status == "Paid"

    def test_twice_is_refused_and_so_is_what_was_refunded(self, alice):
        gone = pay(raised(alice))
        bounced(gone)
        kept = take("50", account=of(alice))
        refund(of(alice), amount=Money(1000), paid_on=today(), **by())

        with pytest.raises(MoneyRefused, match="has already been reversed"):
            bounced(gone)
        with pytest.raises(MoneyRefused, match=r"£10\.00 of P\d+ was refunded"):
            bounced(kept)


class TestRefunding:
    def test_the_oldest_credit_goes_first(self, alice):
        newer = take("50", account=of(alice))
        older = take("30", account=of(alice), received_on=today() - timedelta(days=3))

        made = refund(of(alice), amount=Money(4000), paid_on=today(), **by())

        assert (now(older).left, now(newer).left) == (Money(0), Money(4000))
        assert {each.amount for each in made.allocations.all()} == {Money(3000), Money(1000)}
        assert HistoryEntry.objects.get(act="refunded").detail["amount"] == "£40.00"

    def test_no_more_than_there_is(self, alice, bob):
        pay(raised(alice))
        take("50", account=of(alice))
        take("90", account=of(bob))

        with pytest.raises(MoneyRefused, match=r"£50\.01 is more than the £50\.00 of credit"):
            refund(of(alice), amount=Money(5001), paid_on=today(), **by())
        with pytest.raises(MoneyRefused, match="in the future"):
            refund(of(alice), amount=Money(1), paid_on=today() + timedelta(days=1), **by())
        with pytest.raises(MoneyRefused, match="more than £0"):
            refund(of(alice), amount=Money(0), paid_on=today(), **by())

        assert not Refund.objects.exists()

    def test_what_was_paid_back_is_not_allocated_anew(self, alice):
        take("50", account=of(alice))
        made = refund(of(alice), amount=Money(5000), paid_on=today(), **by())

        with pytest.raises(MoneyRefused, match="has been paid out of the body’s account"):
            take_back(made.allocations.get(), **by())


class TestWritingOff:
    def test_what_is_owed_is_given_up(self, alice):
        invoice = raised(alice)
        pay(invoice, "20")

        made = write_off(invoice, reason="bankrupt", **by())

        after = now(invoice)
        assert (made.amount, after.status, after.balance) == (
            Money(10_000),
            "Written off",
            Money(0),
        )
        assert (after.paid, after.settled_on) == (Money(2000), today())
        assert credits_of(of(alice)) == []

    def test_it_needs_a_reason_and_a_debt(self, alice):
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match="Say why"):
            write_off(invoice, reason="", **by())
        pay(invoice)
        with pytest.raises(MoneyRefused, match="nothing to write off"):
            write_off(invoice, reason="bankrupt", **by())

    def test_when_the_money_comes_after_all_it_is_taken_back(self, alice):
        invoice = raised(alice)
        take_back(write_off(invoice, reason="gone", **by()).allocations.get(), **by())

        assert now(invoice).status == "Open"
        assert credits_of(of(alice)) == []
        pay(invoice)
        assert now(invoice).status == "Paid"


def test_none_of_the_rows_changes(alice):
    payment = pay(raised(alice))
    reversal = bounced(payment)
    take("9", account=of(alice))
    rows = [
        reversal,
        refund(of(alice), amount=Money(100), paid_on=today(), **by()),
        write_off(raised(alice), reason="gone", **by()),
    ]

    for row in rows:
        with pytest.raises(Immutable):
            row.save()
        with pytest.raises(Immutable):
            row.delete()
        with (
            pytest.raises(DatabaseError, match="do not change"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {row._meta.db_table} SET id = id")
    assert {type(row) for row in rows} == {Reversal, Refund, WriteOff}


@pytest.mark.parametrize(
    "sides",
    [
        {},
        {"payment": 1},
        {"invoice": 1},
        {"payment": 1, "write_off": 1, "invoice": 1},
        {"payment": 1, "invoice": 1, "refund": 1},
    ],
)
def test_the_database_ties_one_credit_to_one_debit(alice, sides):
    take("9", account=of(alice))
    rows = {
        "payment": pay(raised(alice, line("1"))),
        "invoice": raised(alice),
        "refund": refund(of(alice), amount=Money(100), paid_on=today(), **by()),
        "write_off": write_off(raised(alice), reason="gone", **by()),
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Allocation.objects.create(amount=Money(1), **{name: rows[name] for name in sides})


@pytest.mark.parametrize("page", ["payment", "reversal", "refund", "writeoff"])
def test_the_office_looks_them_up(alice, sam, client_of, page):
    bounced(pay(raised(alice)))
    take("9", account=of(alice))
    refund(of(alice), amount=Money(100), paid_on=today(), **by())
    write_off(raised(alice), reason="gone", **by())
    model = {"payment": Payment, "reversal": Reversal, "refund": Refund, "writeoff": WriteOff}[page]
    office = client_of(sam)

    listed = office.get(f"/office/billing/{page}/").content.decode()
    shown = office.get(f"/office/billing/{page}/{model.objects.latest('pk').pk}/change/")

    assert "Alice Archer" in listed
    assert shown.status_code == 200
    assert "_save" not in shown.content.decode()
