"""The office's pages that move money: looked at, tried, told, and done once."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.billing.accounts import account_of
from portal.billing.crediting import issue_credit_note
from portal.billing.models import Allocation, CreditNote, Invoice, Payment, Refund, WriteOff
from portal.billing.payments import receive
from portal.core.dates import today
from portal.core.models import HistoryEntry, OutgoingMail
from portal.core.money import Money
from tests.billing.raising import line, pay, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of, sam):
    return client_of(sam)


def page(kind, word, row):
    return reverse(f"admin:billing_{kind}_{word}", args=[row.pk])


def check(office, address, **typed):
    """What is told before anything is recorded, and what the confirmation sends."""
    answer = office.post(address, typed)
    mark = re.search(r'name="mark" value="([^"]*)"', answer.text)
    assert mark, answer.text
    return answer.context["told"], {**typed, "mark": mark[1], "sure": "yes"}


def test_a_payment_is_told_then_recorded_once_however_often_it_is_sent(office, alice):
    invoice = raised(alice)
    address = page("invoice", "receive", invoice)
    typed = {"amount": "120", "received_on": str(today()), "numbers": invoice.number}

    told, confirmed = check(office, address, **typed)
    assert told[1] == (
        f"£120.00 settles an invoice. Invoice {invoice.number} of {invoice.payer_name}: Paid."
    )
    assert (Payment.objects.count(), Allocation.objects.count()) == (0, 0)

    assert office.post(address, confirmed).status_code == 302
    again = office.post(address, {**confirmed, "is_another": "on", "keep_excess": "on"})
    assert "perhaps by this form sent twice" in again.text
    assert Payment.objects.count() == 1
    assert HistoryEntry.objects.get(act="payment recorded").actor_label == "sam@example.org"


def test_a_payment_of_nobody_and_of_an_unknown_invoice_have_their_sentence(office):
    address = reverse("admin:billing_payment_receive")
    typed = {"amount": "5", "received_on": str(today())}

    assert "Enter an invoice, or who paid." in office.post(address, typed).text
    unknown = office.post(address, {**typed, "numbers": "999999"}).text
    assert "There is no invoice “999999”" in unknown
    nobody = office.post(address, {**typed, "holder": "x@nowhere.example"}).text
    assert "x@nowhere.example" in nobody
    assert not Payment.objects.exists()


def test_a_credit_note_is_shown_with_its_total_before_it_is_issued(office, alice):
    invoice = raised(alice, line("50", quantity=2), line("30"))
    address = page("invoice", "credit", invoice)
    mails = OutgoingMail.objects.count()

    told, confirmed = check(office, address, reason="One came back", quantity_1="1", net_2="10")
    assert told[0] == "A credit note of £72.00: £60.00 and £12.00 VAT."
    assert not CreditNote.objects.exists()
    assert OutgoingMail.objects.count() == mails

    assert office.post(address, confirmed).status_code == 302
    note = CreditNote.objects.get()
    assert (str(note.gross), note.reason) == ("£72.00", "One came back")
    assert OutgoingMail.objects.count() == mails + 1
    assert "perhaps by this form sent twice" in office.post(address, confirmed).text
    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose all that is left of the invoice, or some of its lines."),
        ({"is_whole": "on", "all_1": "on"}, "Choose all that is left of the invoice, or some"),
        ({"all_1": "on", "net_1": "5"}, "Choose one way to credit line 1."),
        ({"quantity_1": "9"}, "Credit from 1 to 1 of line 1"),
        ({"net_1": "5000"}, "is more than the £100.00 before VAT that is left"),
        ({"net_1": "lots"}, "“lots” is not an amount"),
    ],
)
def test_a_credit_that_cannot_be_is_refused_with_what_was_typed(office, alice, typed, sentence):
    invoice = raised(alice, line("100"))

    answer = office.post(page("invoice", "credit", invoice), {"reason": "Wrong", **typed})

    assert sentence in answer.text
    assert 'value="Wrong"' in answer.text
    assert not CreditNote.objects.exists()


def test_money_goes_all_its_ways_by_pages(office, alice):
    invoice = raised(alice)
    payment = pay(invoice)

    def do(kind, word, row, **typed):
        address = page(kind, word, row)
        _, confirmed = check(office, address, **typed)
        assert office.post(address, confirmed).status_code == 302

    do("allocation", "take-back", Allocation.objects.get())
    assert str(Invoice.objects.get().balance) == "£120.00"
    do("payment", "allocate", payment, number=invoice.number, amount="20")
    assert str(Invoice.objects.get().balance) == "£100.00"
    do("billingaccount", "refund", invoice.account, amount="100", paid_on=str(today()))
    assert str(Refund.objects.get().amount) == "£100.00"
    do("invoice", "write-off", invoice, reason="Payer is bankrupt")
    assert str(WriteOff.objects.get().amount) == "£100.00"


def test_a_payment_is_reversed_and_a_credit_note_used(office, alice):
    first, second = raised(alice), raised(alice)
    payment = pay(first)
    note = issue_credit_note(first, reason="Wrong", actor="x", at=timezone.now())

    address = page("creditnote", "allocate", note)
    told, confirmed = check(office, address, number=second.number)
    assert told[0].startswith(f"£120.00 of {note.number} is used.")
    office.post(address, confirmed)
    assert not Invoice.objects.get(pk=second.pk).balance

    other = pay(raised(alice), "120", is_another=True)
    address = page("payment", "reverse", other)
    _, confirmed = check(office, address, reversed_on=str(today()), reason="Bounced")
    assert office.post(address, confirmed).status_code == 302
    assert other.reversal.note == "Bounced"
    assert payment.pk != other.pk


def test_change_goes_back_to_the_form_with_what_was_typed(office, alice):
    invoice = raised(alice)
    address = page("invoice", "write-off", invoice)
    check(office, address, reason="Payer is bankrupt")

    changed = office.post(address, {"reason": "Payer is bankrupt", "change": "Change"})

    assert "told" not in changed.context
    assert 'value="Payer is bankrupt"' in changed.text
    assert not WriteOff.objects.exists()


def test_the_pages_are_linked_from_the_row(office, alice):
    invoice = raised(alice)
    pay(invoice, "10")
    shown = office.get(f"/office/billing/invoice/{invoice.pk}/change/").text

    for word in ("receive", "credit", "write-off"):
        assert page("invoice", word, invoice) in shown
    assert page("allocation", "take-back", Allocation.objects.get()) in shown
    assert "Back to the list" in shown
    assert reverse("admin:billing_payment_receive") in office.get("/office/billing/payment/").text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_credit_page_asks_as_much_for_three_lines_as_for_one(
    office, alice, django_assert_num_queries, rows
):
    invoice = raised(alice, *[line("30")] * rows)

    with django_assert_num_queries(7):
        office.get(page("invoice", "credit", invoice))


def test_a_stranger_is_let_in_nowhere(client_of, charlie, alice):
    invoice = raised(alice)
    for word in ("receive", "credit", "write-off"):
        assert client_of(charlie).get(page("invoice", word, invoice)).status_code in {302, 403}


def test_anothers_invoice_is_settled_only_where_that_is_said(office, alice, charlie):
    invoice = raised(charlie)
    pay(raised(alice))
    payment = receive(
        amount=Money(5000),
        received_on=today(),
        account=account_of(alice, at=timezone.now()),
        actor="x",
        at=timezone.now(),
    )
    address = f"/office/billing/payment/{payment.pk}/allocate/"

    refused = office.post(address, {"number": invoice.number}).text
    told = office.post(address, {"number": invoice.number, "is_for_another": "on"}).text

    assert f"invoice {invoice.number} is to {invoice.payer_name}. Nothing was allocated." in refused
    assert "£50.00 of" in told
    assert "Check before you confirm" in told


@pytest.mark.parametrize("junk", ["\0", "9" * 400, "<b>", "-1", "١٢", "1e5", "\N{PILE OF POO}"])
def test_junk_is_a_sentence(office, alice, junk):
    invoice = raised(alice)
    pay(invoice)
    for page in (
        "payment/receive",
        f"invoice/{invoice.pk}/credit",
        f"invoice/{invoice.pk}/write-off",
        f"billingaccount/{invoice.account_id}/refund",
    ):
        address = f"/office/billing/{page}/"
        names = re.findall(r'name="(\w+)"', office.get(address).text.split('class="money"')[1])
        typed = dict.fromkeys(names, junk) | {"sure": "1", "mark": junk}
        assert office.post(address, typed).status_code == 200, page
    assert Payment.objects.count() == 1
