"""Payment references: they fit a bank's field and survive being typed again."""

import re

import pytest

from portal.billing.finding_invoices import InvoiceNotFound, find_invoice
from portal.billing.models import InvoiceSeries
from portal.billing.references import check_digit, make, match
from tests.billing.raising import raised

BANK = re.compile(r"[A-Z0-9 .&/-]{1,18}")


def test_the_form_of_a_reference():
    assert make("IMA", "000123") == f"IMA-000123-{check_digit('123')}"


@pytest.mark.parametrize(
    ("letters", "number", "start"),
    [
        ("IMA", "000123", "IMA-000123-"),
        ("ima", "000123", "IMA-000123-"),
        ("Institute of Money Advisers", "000123", "INSTITUTE-000123-"),
        ("C.I.P.D. & Co", "INV-000123", "CIPDC-INV-000123-"),
        ("123", "000123", "INV-000123-"),
        ("IMA", "INVOI-123456789", "INVOI-123456789-"),
    ],
)
def test_it_fits_the_field_of_a_bank(letters, number, start):
    reference = make(letters, number)

    assert reference[:-1] == start
    assert BANK.fullmatch(reference)


def test_zeros_in_front_do_not_count_for_the_check_digit():
    assert check_digit("000123") == check_digit("123") == check_digit("0123")


def test_every_single_wrong_digit_is_found():
    for number in range(1, 400):
        right = check_digit(str(number))
        text = f"{number:06d}"
        for place, old in enumerate(text):
            for new in "0123456789":
                if new != old:
                    wrong = text[:place] + new + text[place + 1 :]
                    assert check_digit(wrong) != right, (text, wrong)


def test_most_swapped_digits_are_found():
    swapped = found = 0
    for number in range(100_000, 101_000):
        text = str(number)
        for place in range(1, len(text) - 1):
            if text[place] != text[place + 1]:
                other = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
                swapped += 1
                found += check_digit(other) != check_digit(text)
    assert found / swapped > 0.94


@pytest.mark.django_db
class TestMatching:
    def test_it_is_found_however_it_was_typed(self, alice):
        invoice = raised(alice)
        check = invoice.reference[-1]
        number = str(invoice.sequence)
        assert invoice.reference == f"IT-{invoice.number}-{check}"

        for typed in (
            invoice.reference,
            invoice.reference.lower(),
            f" it {invoice.number} {check} ",
            f"IT{number}{check}",
            f"It/000{number}.{check}",
            f"IT-00{number}-{check}",
        ):
            assert match(typed) == invoice, typed

    @pytest.mark.parametrize("text", ["", "IT", "-", "IT-9", "IT-999999-1", "Ⅷ", "0" * 40])
    def test_what_is_no_reference_finds_nothing(self, alice, text):
        raised(alice)

        assert match(text) is None

    def test_a_wrong_check_digit_finds_nothing(self, alice):
        invoice = raised(alice)
        wrong = (int(invoice.reference[-1]) + 1) % 10

        assert match(f"{invoice.reference[:-1]}{wrong}") is None

    def test_a_number_alone_is_not_read_as_a_shorter_number_with_its_check_digit(self, alice):
        first = raised(alice)
        InvoiceSeries.objects.update(next_number=int(f"{first.sequence}{first.reference[-1]}"))
        other = raised(alice)
        assert other.number == f"{int(f'{first.sequence}{first.reference[-1]}'):06d}"

        assert match(f"IT-{other.number}") is None
        assert match(other.reference) == other

    def test_what_could_be_two_invoices_is_neither(self, alice):
        first = raised(alice)
        check = first.reference[-1]
        InvoiceSeries.objects.update(next_number=int(f"{first.sequence}{check}"))
        other = raised(alice)

        typed = f"IT-{first.sequence}{check}"
        assert match(typed) is None
        with pytest.raises(InvoiceNotFound) as told:
            find_invoice(typed)
        assert str(told.value) == (
            f"“{typed}” could be {first.number} or {other.number}. Give the number itself."
        )
        for clear in (
            f"IT-{first.sequence}-{check}",
            f"it {first.sequence}.{check} ",
            first.reference,
        ):
            assert find_invoice(clear) == first
        assert find_invoice(other.reference) == other

    def test_letters_of_the_series_belong_to_it(self, alice):
        InvoiceSeries.objects.update(prefix="INV-")
        invoice = raised(alice)

        assert invoice.reference.startswith(f"IT-INV-{invoice.sequence:06d}-")
        assert match(invoice.reference.replace("-", "").lower()) == invoice
        assert match(invoice.reference.replace("INV-", "")) is None
