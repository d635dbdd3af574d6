"""Money that would be counted twice, paid back before it came, or moved without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from time_machine import TimeMachineFixture

from portal.billing import credit_note_documents
from portal.billing.accounts import account_of
from portal.billing.allocating import AnothersInvoice, MoneyRefused, allocate, take_back
from portal.billing.crediting import LineCredit, issue_credit_note
from portal.billing.models import (
    Allocation,
    BillingAccount,
    Invoice,
    Payment,
    Refund,
    SupplierDetails,
    WriteOff,
)
from portal.billing.payments import NothingOwed, WrittenOff, receive, reverse
from portal.billing.purchase_orders import number_of
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import on_day, short_date, today
from portal.core.documents.rendering import content_of
from portal.core.money import ZERO, Money
from portal.organisations.models import Organisation
from portal.people.models import Person
from tests import factories
from tests.billing.raising import line, pay, raised

pytestmark = pytest.mark.django_db


def now() -> dict[str, Any]:
    return {"actor": "the office", "at": timezone.now()}


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*words)
    assert error.value.returncode == 2
    return str(error.value)


def fresh(invoice: Invoice) -> Invoice:
    found: Invoice = Invoice.objects.get(pk=invoice.pk)
    return found


class TestAnInvoiceNamedTwice:
    @pytest.mark.parametrize("other", [str, lambda number: number.lstrip("0"), "reference"])
    def test_is_refused_however_it_is_written(self, alice: Person, other: Any) -> None:
        invoice = raised(alice)
        again = invoice.reference if other == "reference" else other(invoice.number)

        said = refused("payment_receive", "240", str(today()), invoice.number, again)

        assert said == f"Invoice {invoice.number} is named twice: name each one once."
        assert fresh(invoice).balance == invoice.gross
        assert not Payment.objects.exists()

    def test_the_act_refuses_it_too(self, alice: Person) -> None:
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match="named twice"):
            receive(invoices=[invoice, invoice], amount=Money(24_000), received_on=today(), **now())

    def test_neither_invoice_nor_account(self) -> None:
        with pytest.raises(MoneyRefused, match="Name the invoice that was paid, or the account"):
            receive(amount=Money(100), received_on=today(), **now())


class TestRefunds:
    @pytest.mark.parametrize("days", [1, 400, 300_000])
    def test_not_before_the_money_came_in(self, alice: Person, days: int) -> None:
        payment = receive(
            amount=Money(5000),
            received_on=today(),
            account=account_of(alice, at=timezone.now()),
            **now(),
        )
        day = today() - timedelta(days=days)

        with pytest.raises(MoneyRefused, match=rf"^{payment.number} is of .*Check the date\.$"):
            refund(payment.account, amount=Money(100), paid_on=day, **now())

        assert not Refund.objects.exists()

    def test_nor_before_it_was_credited(self, alice: Person) -> None:
        invoice = raised(alice)
        pay(invoice)
        note = issue_credit_note(invoice, reason="Cancelled", **now())

        with pytest.raises(MoneyRefused, match=f"^{note.number} is of"):
            refund(invoice.account, amount=Money(100), paid_on=today() - timedelta(days=1), **now())

    def test_what_is_not_touched_does_not_matter(self, alice: Person) -> None:
        """The oldest credit goes first, and is enough."""
        account = account_of(alice, at=timezone.now())
        for day in (today() - timedelta(days=10), today()):
            receive(amount=Money(5000), received_on=day, account=account, **now())

        made = refund(account, amount=Money(5000), paid_on=today() - timedelta(days=5), **now())

        assert made.amount == Money(5000)

    def test_an_organisation_may_be_called_like_a_number(self) -> None:
        shelter = Organisation.objects.create(name="Shelter24")
        account = account_of(shelter, at=timezone.now())
        receive(amount=Money(5000), received_on=today(), account=account, **now())

        said = run("payment_refund", "Shelter24", "50", str(today()))

        assert "£50.00" in said
        assert Refund.objects.get().account == account

    @pytest.mark.parametrize(
        "words",
        [
            ("payment_refund", "bob@example.org", "50", "2026-01-02"),
            ("payment_receive", "0", "2026-01-02", "--account", "bob@example.org"),
            ("payment_receive", "50", "2999-01-02", "--account", "bob@example.org"),
        ],
    )
    def test_what_is_refused_opens_no_account(self, bob: Person, words: tuple[str, ...]) -> None:
        refused(*words)

        assert not BillingAccount.objects.exists()


class TestTakingBack:
    def test_all_of_it_or_nothing(self, alice: Person) -> None:
        """Credit of the invoice has been used elsewhere: the second allocation stays."""
        invoice, other = raised(alice), raised(alice, line("50"))
        payment = pay(invoice, "120")
        (first,) = Allocation.objects.filter(payment=payment)
        take_back(first, **now())
        for pounds in (4000, 8000):
            allocate(payment, invoice=fresh(invoice), amount=Money(pounds), **now())
        note = issue_credit_note(
            fresh(invoice), reason="Half", lines=[LineCredit(1, net=Money(5000))], **now()
        )
        allocate(note, invoice=other, **now())
        before = list(Allocation.objects.values_list("pk", flat=True))

        refused("payment_allocate", payment.number, invoice.number, "--take-back")

        assert list(Allocation.objects.values_list("pk", flat=True)) == before
        assert fresh(invoice).balance == ZERO

    def test_an_amount_beside_it_is_refused(self, alice: Person) -> None:
        invoice = raised(alice)
        payment = pay(invoice)
        words = ("payment_allocate", payment.number, invoice.number, "--take-back", "--amount", "5")

        assert refused(*words).startswith("Leave --amount out")
        assert fresh(invoice).balance == ZERO


class TestAnothersInvoice:
    def test_is_settled_only_where_that_is_said(self, alice: Person, charlie: Person) -> None:
        invoice = raised(charlie)
        account = account_of(alice, at=timezone.now())
        payment = receive(amount=Money(12_000), received_on=today(), account=account, **now())
        words = ("payment_allocate", payment.number, invoice.number)

        assert refused(*words) == (
            f"{payment.number} was paid by {account}, and invoice {invoice.number} is to "
            f"{invoice.payer_name}. Nothing was allocated. If that is what was meant, add "
            "--for-another."
        )
        with pytest.raises(AnothersInvoice):
            allocate(payment, invoice=invoice, **now())
        assert f"of {invoice.payer_name}" in run(*words, "--for-another")
        assert fresh(invoice).balance == ZERO


class TestWhatIsSaid:
    def test_of_a_written_off_invoice(self, alice: Person) -> None:
        invoice = raised(alice)
        write_off(invoice, reason="Bankrupt", **now())

        for more in ({}, {"keep_excess": True, "is_another": True}):
            with pytest.raises(WrittenOff, match=r"was written off\. Nothing was recorded"):
                receive(invoices=[invoice], amount=Money(100), received_on=today(), **now(), **more)
        assert "payment allocate write-off" in refused("payment", invoice.number, "1", str(today()))
        assert not Payment.objects.exists()

    def test_of_a_credited_invoice(self, alice: Person) -> None:
        invoice = raised(alice)
        issue_credit_note(invoice, reason="Cancelled", **now())

        with pytest.raises(NothingOwed, match="it is credited"):
            receive(invoices=[invoice], amount=Money(100), received_on=today(), **now())

    def test_of_a_reversed_payment(self, alice: Person) -> None:
        payment = pay(raised(alice))
        reverse(payment, reversed_on=today(), reason="Bounced", **now())

        with pytest.raises(MoneyRefused, match=f"^{payment.number} was reversed"):
            allocate(payment, invoice=raised(alice), **now())

    @pytest.mark.parametrize(
        "act",
        [
            lambda invoice, words: issue_credit_note(invoice, reason=words, **now()),
            lambda invoice, words: write_off(invoice, reason=words, **now()),
            lambda invoice, words: pay(invoice, note=words),
        ],
    )
    def test_too_many_words(self, alice: Person, act: Callable[[Invoice, str], object]) -> None:
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match="must be 250 characters or less"):
            act(invoice, "x" * 251)

        assert not WriteOff.objects.exists()
        assert fresh(invoice).balance == invoice.gross


class TestThePaper:
    def test_what_came_off_adds_up(self, alice: Person) -> None:
        invoice = raised(alice, line("205"))
        pay(invoice, "100")
        issue_credit_note(invoice, reason="Cancelled", **now())

        standing = fresh(invoice).standing

        assert standing.came_off == [
            ("Credited", -Money(24_600)),
            ("Paid", -Money(10_000)),
            ("Became credit", Money(10_000)),
        ]
        assert standing.gross + Money.total(amount for _, amount in standing.came_off) == ZERO

    def test_an_invoice_is_credited_on_the_day_of_its_credit_note(
        self, alice: Person, client_of: Any
    ) -> None:
        at = timezone.now()
        invoice = raised(alice, at=at - timedelta(days=30))
        pay(invoice, at=at - timedelta(days=20))
        issue_credit_note(invoice, reason="Cancelled", **now())

        assert fresh(invoice).settled_on == on_day(at)
        page = client_of(alice).get(f"/invoices/{invoice.number}/").text
        assert f"credited on {short_date(on_day(at))}" in page

    def test_a_credit_note_stays_as_it_was_mailed(self, alice: Person) -> None:
        invoice = raised(alice)
        payment = pay(invoice)
        note = issue_credit_note(invoice, reason="Cancelled", **now())
        before = credit_note_documents.pdf(note)
        reverse(payment, reversed_on=today(), reason="Bounced", **now())

        assert credit_note_documents.pdf(note) == before
        assert content_of(note.issued_document.document) == before
        assert credit_note_documents.pdf(note) == before

    def test_a_credit_note_has_the_supplier_of_its_own_day(
        self, alice: Person, time_machine: TimeMachineFixture
    ) -> None:
        """The clock is behind: the note follows the one before it, and so does the bank."""
        at = timezone.now()
        first, second = raised(alice, at=at), raised(alice, at=at)
        issue_credit_note(first, reason="Cancelled", actor="x", at=at)
        supplier = SupplierDetails.objects.get()
        supplier.pk, supplier.valid_from, supplier.bank_name = None, on_day(at), "New Bank"
        supplier.save()
        time_machine.move_to(at - timedelta(days=2))

        note = issue_credit_note(second, reason="Cancelled", **now())

        assert note.issued_on == on_day(at)
        assert note.supplier["bank_name"] == "New Bank"


class TestThePurchaseOrderNumber:
    def test_follows_the_account_again_once_something_is_owed(self, alice: Person) -> None:
        alice.purchase_order_number = "PO1"
        alice.save()
        invoice = raised(alice)
        payment = pay(invoice)
        alice.purchase_order_number = "PO2"
        alice.save()
        assert number_of(fresh(invoice)) == "PO1"

        reverse(payment, reversed_on=today(), reason="Bounced", **now())

        assert number_of(fresh(invoice)) == "PO2"

    @pytest.mark.parametrize("own", ["PO9", ""])
    def test_the_invoices_own_stays(self, alice: Person, own: str) -> None:
        alice.purchase_order_number = "PO1"
        alice.save()
        invoice = raised(alice, purchase_order=own)
        payment = pay(invoice)

        reverse(payment, reversed_on=today(), reason="Bounced", **now())

        assert number_of(fresh(invoice)) == own
        pay(fresh(invoice), note="Came again", is_another=True)
        assert number_of(fresh(invoice)) == own


def test_nobody_sees_no_account(alice: Person) -> None:
    """`person=None` would mean the accounts that are no person's: all of the organisations."""
    account_of(Organisation.objects.create(name="Fern"), at=timezone.now())

    with pytest.raises(TypeError):
        BillingAccount.objects.seen_by(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Invoice.objects.for_person(None)
    assert not BillingAccount.objects.seen_by(alice).exists()


@pytest.mark.parametrize("model", ["creditnote", "invoice", "payment"])
def test_the_office_finds_what_is_of_a_name_however_it_is_written(
    alice: Person, client_of: Any, model: str
) -> None:
    alice.first_name, alice.last_name = "Zoë", "Łuk"
    alice.save()
    invoice = raised(alice)
    pay(invoice)
    issue_credit_note(invoice, reason="Cancelled", **now())
    office = client_of(factories.administrator())

    for words in ("Zoe", "luk", "zoë ŁUK"):
        page = office.get(f"/office/billing/{model}/", {"q": words})
        assert page.context["cl"].result_count == 1, words
