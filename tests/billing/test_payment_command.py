"""`portal payment NUMBER AMOUNT DATE`"""

import pytest
from django.core.management import CommandError, call_command

from portal.billing.models import InvoiceSeries, Payment
from portal.core.money import Money
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(capsys):
    def run(*words):
        call_command("payment", *words)
        return capsys.readouterr().out

    return run


def newest():
    return Payment.objects.latest("pk").number


def test_it_says_what_was_allocated_and_what_is_left(alice, payment):
    invoice = raised(alice)

    assert payment(invoice.number, "50", "2026-01-02") == (
        f"Recorded £50.00, received on 2 January 2026 ({newest()}).\nAllocated £50.00 to "
        f"invoice {invoice.number}, Ms Alice Archer. £70.00 is still owed.\n"
    )
    assert payment(invoice.number, "£70.00", "03/01/2026", "--note", "cheque 1") == (
        f"Recorded £70.00, received on 3 January 2026 ({newest()}).\nAllocated £70.00 to "
        f"invoice {invoice.number}, Ms Alice Archer. It is paid.\n"
    )
    assert [(p.amount, p.note) for p in Payment.objects.order_by("pk")] == [
        (Money(5000), ""),
        (Money(7000), "cheque 1"),
    ]


def test_what_is_kept_is_said(alice, payment):
    invoice = raised(alice)

    said = payment(invoice.number, "150", "2026-01-02", "--keep-excess")

    assert said.splitlines()[1:] == [
        f"Allocated £120.00 to invoice {invoice.number}, Ms Alice Archer. It is paid.",
        "£30.00 is not allocated. Ms Alice Archer has it as credit.",
    ]


@pytest.mark.parametrize("prefix", ["", "INV-"])
def test_the_invoice_is_found_by_number_or_reference(alice, payment, prefix):
    InvoiceSeries.objects.update(prefix=prefix)
    invoice = raised(alice)
    named = [
        invoice.number,
        invoice.number.lower(),
        str(invoice.sequence),
        f"{invoice.sequence:06d}",
        f" {prefix}{invoice.sequence} ",
        f"{prefix.strip('-')}00{invoice.sequence}",
        invoice.reference,
        invoice.reference.replace("-", " ").lower(),
    ]

    for name in named:
        payment(name, "1", "2026-01-02", "--again")

    assert invoice.paid == Money(100 * len(named))


def test_digits_that_several_series_have_need_their_letters(alice, payment):
    InvoiceSeries.objects.update(prefix="OLD-")
    raised(alice)
    InvoiceSeries.objects.update(code="older")
    InvoiceSeries.objects.create(code="invoice", prefix="GB-")
    raised(alice)

    with pytest.raises(CommandError) as refused:
        payment("1", "5", "2026-01-02")

    assert str(refused.value) == (
        "“1” could be GB-000001 and OLD-000001. Give the number with its letters, or the "
        "payment reference."
    )


def test_the_example_of_a_number_is_the_bodys_own(alice, payment):
    InvoiceSeries.objects.update(prefix="GB-")
    raised(alice)

    with pytest.raises(CommandError, match=r"“XX-1”\. Give its number, such as GB-000123, or its"):
        payment("XX-1", "1", "2026-01-02")


def test_the_same_payment_is_not_recorded_twice_unless_told(alice, payment):
    invoice = raised(alice)
    same = (invoice.number, "50", "2026-01-02")
    payment(*same)

    with pytest.raises(CommandError) as refused:
        payment(*same)

    assert str(refused.value) == (
        "A payment of £50.00, received on 2 January 2026, is already recorded for invoice "
        f"{invoice.number}. Nothing more was recorded. If the same amount came in twice that "
        "day, record it as another payment. To record it again, add --again."
    )
    assert refused.value.returncode == 2
    assert invoice.paid == Money(5000)
    payment(invoice.number, "10", "2026-01-02")
    payment(invoice.number, "50", "2026-01-03")
    other = raised(alice)
    payment(other.number, "50", "2026-01-02")
    payment(invoice.number, "10", "2026-01-02", "--again")
    assert (invoice.paid, other.paid) == (Money(12000), Money(5000))


def test_how_more_than_is_owed_can_be_kept_is_said(alice, payment):
    invoice = raised(alice)

    with pytest.raises(CommandError, match=r"To keep it, add --keep-excess\.$"):
        payment(invoice.number, "121", "2026-01-02")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["999999", "1", "2026-01-02"], "There is no invoice “999999”. Give its number"),
        (["", "1", "2026-01-02"], "There is no invoice “”"),
        (["IT-1-x", "1", "2026-01-02"], "There is no invoice “IT-1-x”"),
        (["{n}", "a lot", "2026-01-02"], "“a lot” is not an amount"),
        (["{n}", "-5", "2026-01-02"], "“-5” is not an amount"),
        (["{n}", "1.001", "2026-01-02"], "“1.001” is not an amount"),
        (["{n}", "0", "2026-01-02"], "must be more than £0.00"),
        (["{n}", "1", "31/02/2026"], "“31/02/2026” is not a date"),
        (["{n}", "1", "yesterday"], "“yesterday” is not a date"),
        (["{n}", "1", "2999-01-01"], "1 January 2999 is in the future"),
        (["{n}", "121", "2026-01-02"], "£121.00 is £1.00 more than the £120.00 owed"),
        (["{n}", "1", "2026-01-02", "--note", "x" * 251], "The note must be 250 characters"),
    ],
)
def test_what_cannot_be_right_is_refused(alice, payment, words, sentence):
    invoice = raised(alice)

    with pytest.raises(CommandError, match=sentence) as refused:
        payment(*[word.replace("{n}", invoice.number) for word in words])

    assert refused.value.returncode == 2
    assert str(refused.value).endswith(".")
    assert not Payment.objects.exists()


def test_a_paid_invoice_is_left_alone(alice, payment):
    invoice = raised(alice)
    pay(invoice)

    with pytest.raises(CommandError, match="is already paid") as refused:
        payment(invoice.number, "1", "2026-01-02")

    assert refused.value.returncode == 2
    assert Payment.objects.count() == 1
