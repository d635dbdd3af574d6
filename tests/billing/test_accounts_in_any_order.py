"""Two accounts whose money moves in any order: never below zero, sums add up, documents stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from portal.billing.accounts import account_of
from portal.billing.allocating import MoneyRefused, allocate, take_back
from portal.billing.credit_to_use import credit_seen_by, credits_of
from portal.billing.crediting import LineCredit, issue_credit_note, left_of
from portal.billing.models import (
    Allocation,
    BillingAccount,
    CreditNote,
    Invoice,
    Payment,
    Refund,
    Reversal,
)
from portal.billing.payments import receive, reverse
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import on_day
from portal.core.models import Document
from portal.core.money import ZERO, Money
from tests import factories
from tests.billing.raising import line, raised

pytestmark = [pytest.mark.long, pytest.mark.one_database]

AT = datetime(2030, 6, 1, 9, tzinfo=UTC)
PENCE = st.integers(1, 15_000).map(Money)
WHICH = st.integers(0, 9)
WHOSE = st.integers(0, 1)


class Accounts(RuleBasedStateMachine):
    """Alice's and Bob's. What is refused changes nothing; that too is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        """Each example begins with empty accounts."""
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def open_accounts(self) -> None:
        self.people = [factories.alice(), factories.bob()]
        self.accounts: list[BillingAccount] = [account_of(one, at=AT) for one in self.people]
        self.at = AT
        self.documents: dict[int, Any] = {}
        self.bill(0, True)

    def by(self) -> dict[str, Any]:
        self.at += timedelta(minutes=1)
        return {"actor": "the office", "at": self.at}

    def one(self, model: Any, which: int) -> Any:
        rows = list(model.objects.order_by("pk"))
        return rows[which % len(rows)] if rows else None

    @rule(whose=WHOSE, has_two=st.booleans())
    def bill(self, whose: int, has_two: bool) -> None:
        lines = [line("33.33", quantity=2), line("0.07")][: 1 + has_two]
        raised(self.people[whose], *lines, at=self.by()["at"])

    @rule(whose=WHOSE, amount=PENCE, which=st.lists(WHICH, max_size=3), keep=st.booleans())
    def receive(self, whose: int, amount: Money, which: list[int], keep: bool) -> None:
        """For no invoice, or several: one named twice, or another's, among them."""
        self.attempt(
            receive,
            amount=amount,
            received_on=on_day(self.at),
            invoices=[self.one(Invoice, each) for each in which],
            account=self.accounts[whose],
            keep_excess=keep,
            is_another=True,
        )

    @rule(
        whose=WHOSE,
        which=WHICH,
        credit=WHICH,
        part=st.none() | PENCE,
        for_another=st.booleans(),
    )
    def allocate(
        self, whose: int, which: int, credit: int, part: Money | None, for_another: bool
    ) -> None:
        usable = credits_of(self.accounts[whose]) or list(Payment.objects.all())
        if usable:
            self.attempt(
                allocate,
                usable[credit % len(usable)],
                invoice=self.one(Invoice, which),
                amount=part,
                is_for_another=for_another,
            )

    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        if (chosen := self.one(Allocation, which)) is not None:
            self.attempt(take_back, chosen)

    @rule(which=WHICH)
    def reverse(self, which: int) -> None:
        if (chosen := self.one(Payment, which)) is not None:
            self.attempt(reverse, chosen, reversed_on=on_day(self.at), reason="bounced")

    @rule(which=WHICH, part=st.none() | PENCE)
    def credit(self, which: int, part: Money | None) -> None:
        lines = None if part is None else [LineCredit(1, net=part)]
        self.attempt(issue_credit_note, self.one(Invoice, which), reason="wrong", lines=lines)

    @rule(whose=WHOSE, amount=PENCE)
    def refund(self, whose: int, amount: Money) -> None:
        self.attempt(refund, self.accounts[whose], amount=amount, paid_on=on_day(self.at))

    @rule(which=WHICH)
    def write_off(self, which: int) -> None:
        self.attempt(write_off, self.one(Invoice, which), reason="gone")

    def attempt(self, act: Any, *given: Any, **named: Any) -> None:
        before = self.sums()
        try:
            act(*given, **named, **self.by())
        except MoneyRefused:
            assert self.sums() == before

    def sums(self) -> list[Any]:
        models = (Payment, Refund, Reversal, CreditNote, Allocation)
        return [*(model.objects.count() for model in models), *self.invoices()]

    def invoices(self) -> list[Any]:
        return [each.standing for each in Invoice.objects.with_balance().order_by("pk")]

    @invariant()
    def nothing_is_below_zero(self) -> None:
        for stands in self.invoices():
            amounts = (stands.owed, stands.paid, stands.by_credit, stands.written_off)
            assert min(amounts) >= ZERO
            assert ZERO <= stands.credited <= stands.gross
        for model in (Payment, CreditNote):
            assert all(each.left >= ZERO for each in model.objects.all())
        for invoice in Invoice.objects.all():
            assert all(each.net >= ZERO and each.quantity >= 0 for each in left_of(invoice))

    @invariant()
    def the_sums_add_up(self) -> None:
        """Money that is here is what was billed and is not owed, and the credit to use."""
        payments = Payment.objects.filter(reversal=None)
        here = Money.total(each.amount for each in payments)
        here -= Money.total(each.amount for each in Refund.objects.all())
        stands = self.invoices()
        billed = Money.total(each.gross - each.credited for each in stands)
        owed = Money.total(each.owed + each.written_off for each in stands)
        left = [Money.total(each.left for each in credits_of(one)) for one in self.accounts]
        credit = Money.total(left)
        assert here == billed - owed + credit
        if not Reversal.objects.exists():  # what was refunded before may bounce after
            assert credit <= here
        for person, theirs in zip(self.people, left, strict=True):
            assert Money.total(amount for _, amount in credit_seen_by(person)) == theirs

    @invariant()
    def one_row_says_what_many_say(self) -> None:
        many = {each.pk: each.standing for each in Invoice.objects.with_balance()}
        assert {each.pk: each.standing for each in Invoice.objects.all()} == many

    @invariant()
    def documents_never_change(self) -> None:
        for document in Document.objects.all():
            assert self.documents.setdefault(document.pk, document.data) == document.data


@pytest.mark.django_db
def test_accounts_in_any_order() -> None:
    run_state_machine_as_test(
        Accounts,
        settings=settings(
            max_examples=20,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
