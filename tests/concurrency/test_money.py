"""Credit and payment, two credits of one line, reversal and allocation: two at once on an account.

Each stands beside a control that shows what would be without the lock.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.billing import allocating, crediting, payments
from portal.billing.accounts import account_of
from portal.billing.allocating import MoneyRefused, allocate
from portal.billing.crediting import issue_credit_note
from portal.billing.models import Allocation, CreditNote, Invoice, Payment, Reversal
from portal.billing.payments import receive, reverse
from portal.core.dates import today
from portal.core.money import Money
from tests.billing.raising import pay, raised
from tests.concurrency.meanwhile import Meanwhile
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def credit(invoice: Invoice) -> CreditNote:
    return issue_credit_note(invoice, reason="Cancelled", actor="x", at=timezone.now())


def bounce(payment: Payment) -> Reversal:
    return reverse(payment, reversed_on=today(), reason="bounced", actor="x", at=timezone.now())


def spare(person: Any) -> Payment:
    at = timezone.now()
    return receive(
        amount=Money(12_000),
        received_on=today(),
        account=account_of(person, at=at),
        actor="x",
        at=at,
    )


def meanwhile_unlocked(monkeypatch: Any, module: Any, step: str, other: Any) -> Meanwhile:
    """The other acts while one stands between reading and writing, and nobody locks the account.

    On SQLite the transaction itself is the lock, so there the other waits all the same.
    """
    for each in (allocating, crediting, payments):
        monkeypatch.setattr(each, "lock_accounts", lambda _: None)
    meanwhile = Meanwhile(other)
    monkeypatch.setattr(module, step, meanwhile.around(getattr(module, step)))
    return meanwhile


def locked_meanwhile(monkeypatch: Any, module: Any, step: str, other: Any) -> Meanwhile:
    meanwhile = Meanwhile(other)
    monkeypatch.setattr(module, step, meanwhile.around(getattr(module, step)))
    return meanwhile


on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite the database itself is the lock"
)


class TestCreditAndPayment:
    def test_together_they_settle_no_more_than_is_owed(self, alice: Any) -> None:
        invoice = raised(alice)

        done = together([lambda: credit(invoice), lambda: pay(invoice, "120")])

        note = CreditNote.objects.get()
        assert Invoice.objects.get().balance == Money(0)
        if isinstance(done[1], Payment):
            assert (note.left, done[1].left) == (Money(12_000), Money(0))
        else:
            assert isinstance(done[1], MoneyRefused)
            assert note.left == Money(0)

    def test_the_second_waits(self, alice: Any, monkeypatch: Any) -> None:
        invoice = raised(alice)
        other = locked_meanwhile(monkeypatch, crediting, "_number", lambda: pay(invoice, "120"))

        credit(invoice)

        assert isinstance(other.end(), MoneyRefused)
        assert Invoice.objects.get().balance == Money(0)

    @on_postgresql
    def test_control_without_the_lock_both_settle_it(self, alice: Any, monkeypatch: Any) -> None:
        invoice = raised(alice)
        other = meanwhile_unlocked(monkeypatch, crediting, "_number", lambda: pay(invoice, "120"))

        credit(invoice)

        assert isinstance(other.end(), Payment)
        assert Invoice.objects.get().balance == Money(-12_000)


class TestTwoCreditsOfOneLine:
    def test_the_second_finds_nothing_left(self, alice: Any) -> None:
        invoice = raised(alice)

        done = together([lambda: credit(invoice)] * 2)

        assert {type(each) for each in done} == {CreditNote, MoneyRefused}
        assert CreditNote.objects.get().gross == Money(12_000)

    @on_postgresql
    def test_control_without_the_lock_it_is_credited_twice(
        self, alice: Any, monkeypatch: Any
    ) -> None:
        invoice = raised(alice)
        other = meanwhile_unlocked(monkeypatch, crediting, "_number", lambda: credit(invoice))

        credit(invoice)

        assert isinstance(other.end(), CreditNote)
        assert CreditNote.objects.count() == 2


class TestReversalAndAllocation:
    def test_what_bounced_settles_nothing(self, alice: Any) -> None:
        invoice, payment = raised(alice), spare(alice)

        done = together(
            [
                lambda: bounce(payment),
                lambda: allocate(payment, invoice=invoice, actor="x", at=timezone.now()),
            ]
        )

        assert isinstance(done[0], Reversal)
        assert isinstance(done[1], Allocation | MoneyRefused)
        assert Invoice.objects.get().balance == Money(12_000)
        assert Payment.objects.get().left == Money(0)

    @on_postgresql
    def test_control_without_the_lock_it_settles_an_invoice(
        self, alice: Any, monkeypatch: Any
    ) -> None:
        invoice, payment = raised(alice), spare(alice)
        other = meanwhile_unlocked(
            monkeypatch,
            allocating,
            "tie",
            lambda: bounce(payment),
        )

        allocate(payment, invoice=invoice, actor="x", at=timezone.now())

        assert isinstance(other.end(), Reversal)
        assert Payment.objects.get().left == Money(-12_000)
