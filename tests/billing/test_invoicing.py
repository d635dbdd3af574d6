"""Raising an invoice."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from portal.billing.accounts import account_of
from portal.billing.invoicing import LineToBill, NotReady, raise_invoice
from portal.billing.models import Invoice, InvoiceSeries, SupplierDetails, TaxCode
from portal.core.models import BodyDetails, Document, HistoryEntry, OutgoingMail
from portal.core.money import Money
from portal.people.models import Address
from tests import factories
from tests.billing.raising import line, raised

pytestmark = pytest.mark.django_db


class Abort(Exception):
    pass


class TestNumber:
    def test_one_follows_the_other(self, alice, charlie):
        first, second = raised(alice), raised(charlie)

        assert second.sequence == first.sequence + 1
        assert first.number == f"{first.sequence:06d}"

    def test_a_rolled_back_order_leaves_no_gap(self, alice):
        before = raised(alice)
        lost = []

        def order_that_fails():
            with transaction.atomic():
                lost.append(raised(alice))
                raise Abort

        with pytest.raises(Abort):
            order_that_fails()
        after = raised(alice)

        assert lost[0].sequence == after.sequence == before.sequence + 1
        assert list(Invoice.objects.order_by("sequence")) == [before, after]
        assert Document.objects.count() == OutgoingMail.objects.count() == 2

    def test_the_prefix_of_the_series_stands_before_it(self, alice):
        InvoiceSeries.objects.update(prefix="INV-")

        invoice = raised(alice)

        assert invoice.number == f"INV-{invoice.sequence:06d}"

    @pytest.mark.django_db(transaction=True)
    def test_it_needs_the_transaction_of_what_it_bills(self, alice):
        with pytest.raises(transaction.TransactionManagementError):
            raise_invoice(
                account=account_of(alice, at=datetime(2030, 1, 1, tzinfo=UTC)),
                lines=[line()],
                purchase_order="",
                actor=alice,
                at=datetime(2030, 1, 1, tzinfo=UTC),
            )

        assert not Invoice.objects.exists()


class TestAsIssued:
    def test_the_supplier_stays_as_it_was(self, alice):
        invoice = raised(alice)
        SupplierDetails.objects.update(account_number="99999999", vat_number="")
        BodyDetails.objects.update(name="Renamed", registered_office="Elsewhere")
        invoice = Invoice.objects.get(pk=invoice.pk)

        assert invoice.supplier == {
            "name": "Institute of Testing",
            "legal_name": "Institute of Testing Limited",
            "registered_office": ["1 Test Street", "Leeds", "LS1 4AP"],
            "company_number": "01234567",
            "charity_number": "",
            "vat_number": "GB 123 4567 82",
            "email": "office@example.org",
            "phone": "0113 496 0677",
            "website": "",
            "accent": "#0E5A5C",
            "bank_name": "Test Bank",
            "account_name": "Institute of Testing",
            "sort_code": "12-34-56",
            "account_number": "12345678",
            "iban": "",
            "cheque_payable_to": "Institute of Testing",
            "cheque_address": ["1 Test Street", "Leeds", "LS1 4AP"],
        }
        assert invoice.is_vat_invoice

    def test_the_payer_stays_as_it_was(self, alice):
        invoice = raised(alice)
        alice.last_name = "Married"
        alice.save()
        alice.addresses.update(line_1="2 New Street")
        invoice = Invoice.objects.get(pk=invoice.pk)

        assert invoice.payer_name == "Ms Alice Archer"
        assert invoice.payer_address == "1 Test Street\nLeeds\nLS1 4AP"

    def test_the_billing_address_is_taken(self, alice):
        alice.addresses.update(is_billing=False)
        Address.objects.create(
            person=alice, line_1="Accounts", town="York", postcode="YO1 7HH", is_billing=True
        )

        assert raised(alice).payer_address == "Accounts\nYork\nYO1 7HH"

    def test_who_has_no_address_is_billed_by_name(self, alice):
        alice.addresses.all().delete()

        assert raised(alice).payer_address == ""

    def test_the_details_of_its_day_are_taken(self, alice):
        factories.supplier(valid_from=date(2030, 4, 1), account_number="87654321", payment_days=14)

        before = raised(alice, at=datetime(2030, 3, 31, 22, 59, tzinfo=UTC))
        after = raised(alice, at=datetime(2030, 3, 31, 23, 1, tzinfo=UTC))

        assert before.supplier["account_number"] == "12345678"
        assert (before.issued_on, before.due_on) == (date(2030, 3, 31), date(2030, 4, 30))
        assert after.supplier["account_number"] == "87654321"
        assert (after.issued_on, after.due_on) == (date(2030, 4, 1), date(2030, 4, 15))
        assert after.tax_point == date(2030, 4, 1)


class TestLines:
    def test_they_stand_in_the_order_given_with_their_tax(self, alice, bob):
        invoice = raised(
            alice,
            line("60", description="Course", detail="In Leeds", beneficiary=bob),
            line("12.34", description="Handbook", code=TaxCode.EXEMPT, quantity=3),
        )

        course, handbook = invoice.lines.all()
        assert (course.description, course.detail, course.beneficiary) == (
            "Course",
            "In Leeds",
            bob,
        )
        assert (course.net, course.tax.rate) == (Money(6000), "20%")
        assert (handbook.unit_net, handbook.quantity, handbook.net) == (
            Money(1234),
            3,
            Money(3702),
        )
        assert handbook.tax_reason == "Exempt: VAT Act 1994, Schedule 9, Group 9"
        assert (invoice.net, invoice.vat, invoice.gross) == (Money(9702), Money(1200), Money(10902))

    def test_a_body_that_is_not_registered_charges_no_vat(self, alice):
        factories.supplier(vat_number="")

        invoice = raised(alice)

        assert not invoice.is_vat_invoice
        assert invoice.gross == invoice.net == Money(10_000)
        assert invoice.lines.get().tax_code == TaxCode.OUTSIDE

    def test_an_invoice_without_lines_is_refused(self, alice):
        with pytest.raises(ValueError, match="needs a line"), transaction.atomic():
            raise_invoice(
                account=account_of(alice, at=datetime(2030, 1, 1, tzinfo=UTC)),
                lines=[],
                purchase_order="",
                actor=alice,
                at=datetime(2030, 1, 1, tzinfo=UTC),
            )


class TestNotReady:
    @pytest.mark.parametrize(
        ("model", "sentence"),
        [
            (SupplierDetails, "There are no supplier details for"),
            (InvoiceSeries, "There is no invoice series “invoice”"),
            (BodyDetails, "The body has no details yet"),
        ],
    )
    def test_what_is_missing_is_named(self, alice, model, sentence):
        model.objects.all().delete()

        with pytest.raises(NotReady, match=sentence):
            raised(alice)

        assert not Invoice.objects.exists()


def test_it_is_mailed_with_its_document_and_remembered(alice):
    invoice = raised(alice, purchase_order="PO-1")

    mail = OutgoingMail.objects.get()
    document = mail.documents.get()
    assert mail.to == "alice@example.org"
    assert document == invoice.issued_document.document
    assert document.filename == f"invoice-{invoice.number}.pdf"
    assert document.data["purchase_order"] == "PO-1"
    assert document.content is None
    entry = HistoryEntry.objects.get(act="invoice raised")
    assert (entry.object_label, entry.actor_label) == (invoice.number, "Alice Archer")


def test_who_has_no_email_gets_no_mail(alice):
    alice.email = ""
    alice.save()

    invoice = raised(alice)

    assert not OutgoingMail.objects.exists()
    assert invoice.issued_document.document.data["number"] == invoice.number


def test_one_thing_to_bill_is_one_by_default(bob):
    assert LineToBill("Course", "", Money(1), TaxCode.STANDARD, bob).quantity == 1
