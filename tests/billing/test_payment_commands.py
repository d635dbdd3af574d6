"""`portal payment receive | allocate | reverse | refund | write-off`"""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.billing.accounts import account_of
from portal.billing.models import Invoice, Payment, Refund
from portal.cli import COMMANDS
from portal.core.dates import today
from portal.core.money import Money
from tests import factories
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(capsys):
    def run(what, *words):
        call_command(f"payment_{what}", *words)
        return capsys.readouterr().out

    return run


def refused(payment, what, *words):
    with pytest.raises(CommandError) as error:
        payment(what, *words)
    assert error.value.returncode == 2
    return str(error.value)


def newest():
    return Payment.objects.latest("pk").number


def now(row):
    return type(row).objects.get(pk=row.pk)


def test_people_call_them_by_words():
    for words in ("receive", "allocate", "reverse", "refund", "write-off"):
        assert COMMANDS[f"payment {words}"][0] == f"payment_{words.replace('-', '_')}"


class TestReceive:
    def test_several_invoices_at_once(self, alice, bob, payment):
        first, second = raised(alice), raised(bob)

        said = payment("receive", "200", "2026-01-02", first.number, second.reference)

        assert said == (
            f"Recorded £200.00, received on 2 January 2026 ({newest()}).\nAllocated £120.00 to "
            f"invoice {first.number}, Ms Alice Archer. It is paid.\nAllocated £80.00 to invoice "
            f"{second.number}, Mr Bob Brook. £40.00 is still owed.\n"
        )

    @pytest.mark.parametrize("who", ["alice@example.org", " ALICE@example.org"])
    def test_none_yet(self, alice, payment, who):
        said = payment("receive", "50", "2026-01-02", "--account", who)

        assert said.endswith("£50.00 is not allocated. Ms Alice Archer has it as credit.\n")

    def test_an_employers_transfer(self, alice, payment):
        factories.organisation()

        payment("receive", "120", "2026-01-02", raised(alice).number, "--account", "fern advice")

        assert Payment.objects.get().account.name == "Fern Advice"

    def test_what_cannot_be_right(self, alice, payment):
        assert refused(payment, "receive", "1", "2026-01-02").startswith("Give the number of an")
        for who in ("nobody@example.org", "Nowhere", "", "@"):
            words = ("receive", "1", "2026-01-02", "--account", who or " ")
            assert refused(payment, *words).startswith("There is no account for")
        assert not Payment.objects.exists()


class TestAllocate:
    def test_there_and_back(self, alice, payment):
        invoice = raised(alice)
        payment("receive", "50", "2026-01-02", "--account", alice.email)

        assert payment("allocate", newest(), invoice.number) == (
            f"Allocated £50.00 of {newest()} to invoice {invoice.number}. £70.00 is still owed.\n"
        )
        assert payment("allocate", newest().lower(), invoice.number, "--take-back") == (
            f"Took £50.00 back from invoice {invoice.number}. £120.00 is still owed.\n"
        )
        assert "£20.00 of" in payment("allocate", newest(), invoice.number, "--amount", "20")

    def test_what_cannot_be_right(self, alice, payment):
        invoice = raised(alice)

        for credit in ("P000999", "CN-000001", "", "P", "P" + "9" * 30):
            assert refused(payment, "allocate", credit, invoice.number).startswith(
                "There is no payment or credit note"
            )
        pay(raised(alice))
        sentence = refused(payment, "allocate", newest(), invoice.number, "--take-back")
        assert sentence == f"Nothing of {newest()} is allocated to invoice {invoice.number}."


class TestReverse:
    def test_a_cheque_bounces(self, alice, payment):
        invoice = raised(alice)
        pay(invoice)

        said = payment("reverse", newest(), str(today()), "--reason", "cheque bounced")

        assert said == (
            f"Reversed {newest()}, £120.00 from Ms Alice Archer.\nInvoice {invoice.number}: "
            "£120.00 is still owed.\n"
        )
        again = refused(payment, "reverse", newest(), str(today()), "--reason", "x")
        assert again == f"{newest()} has already been reversed."

    def test_it_needs_a_reason(self, alice, payment):
        pay(raised(alice))

        assert refused(payment, "reverse", newest(), str(today())).startswith("Say why")


class TestRefund:
    def test_of_a_payment_or_of_whoever_has_credit(self, alice, payment):
        payment("receive", "50", "2026-01-02", "--account", alice.email)

        said = payment("refund", newest(), "20", "2026-01-03")
        assert said == (
            "Recorded a refund of £20.00 to Ms Alice Archer on 3 January 2026. "
            "Credit left: £30.00.\n"
        )
        payment("refund", alice.email, "30", "2026-01-03")
        assert Money.total(each.amount for each in Refund.objects.all()) == Money(5000)

    def test_no_more_than_there_is(self, alice, payment):
        account_of(alice, at=timezone.now())

        sentence = refused(payment, "refund", alice.email, "1", "2026-01-03")

        assert sentence.startswith("£1.00 is more than the £0.00 of credit on the account of Ms")


class TestWriteOff:
    def test_there_and_back(self, alice, payment):
        invoice = raised(alice)

        assert payment("write_off", invoice.number, "--reason", "bankrupt") == (
            f"Wrote off £120.00 of invoice {invoice.number} to Ms Alice Archer.\n"
        )
        assert now(invoice).status == "Written off"
        payment("allocate", "write-off", invoice.number, "--take-back")
        assert Invoice.objects.get().status == "Open"
        assert refused(payment, "write_off", invoice.number).startswith("Say why")
