"""Invoices of before there were accounts: each gets its payer's, and no document changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from portal.billing import invoice_documents
from portal.billing.models import Allocation, BillingAccount, Invoice, InvoiceSeries
from portal.core.money import Money
from tests import factories

AT = datetime(2030, 6, 1, 9, tzinfo=UTC)
SUPPLIER = {
    **dict.fromkeys(["company_number", "charity_number", "vat_number", "website", "iban"], ""),
    **dict.fromkeys(["name", "legal_name", "account_name", "cheque_payable_to"], "Institute"),
    "registered_office": ["1 Test Street"],
    "cheque_address": ["1 Test Street"],
    "email": "office@example.org",
    "phone": "0113 496 0677",
    "accent": "#0E5A5C",
    "bank_name": "Test Bank",
    "sort_code": "12-34-56",
    "account_number": "12345678",
}


def migrate(app: str, *to: str) -> None:
    call_command("migrate", app, *to, verbosity=0, interactive=False)


def as_before(model: str) -> Any:
    loader = MigrationExecutor(connection).loader
    state = loader.project_state(("billing", "0005_invoice_sequence_index"))
    return state.apps.get_model("billing", model)


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    """Billing as it was when an invoice named its payer."""
    migrate("billing", "0005")
    yield
    migrate("billing")


def enter(person: Any, sequence: int, **more: Any) -> Any:
    """An invoice of that time, of £10 without VAT."""
    series, _ = as_before("InvoiceSeries").objects.get_or_create(code="invoice")
    invoice = as_before("Invoice").objects.create(
        series_id=series.pk,
        sequence=sequence,
        number=f"{sequence:06d}",
        reference=f"IT-{sequence:06d}-0",
        payer_id=person.pk,
        payer_name=person.formal_name,
        payer_address="1 Test Street\nLeeds",
        supplier=SUPPLIER,
        issued_at=AT,
        issued_on=AT.date(),
        tax_point=AT.date(),
        due_on=date(2030, 7, 1),
        net=Money(1000),
        vat=Money(0),
        **more,
    )
    as_before("InvoiceLine").objects.create(
        invoice_id=invoice.pk,
        position=1,
        description="Debt relief orders",
        unit_net=Money(1000),
        net=Money(1000),
        tax_code="O",
        tax_basis_points=0,
    )
    return invoice


def test_each_invoice_is_on_the_account_of_its_payer(before: None) -> None:
    alice, bob, nobody = (factories.person(name) for name in ("Alice", "Bob", "Nora"))
    enter(alice, 1)
    paid = enter(bob, 2)
    enter(alice, 3)
    payment = as_before("Payment").objects.create(
        amount=Money(400), received_on=date(2030, 6, 2), recorded_by="sam"
    )
    as_before("Allocation").objects.create(
        payment_id=payment.pk, invoice_id=paid.pk, amount=Money(400)
    )

    migrate("billing")

    whose = {
        invoice.number: invoice.account.person for invoice in Invoice.objects.order_by("sequence")
    }
    assert whose == {"000001": alice, "000002": bob, "000003": alice}
    assert BillingAccount.objects.count() == 2
    assert not BillingAccount.objects.filter(person=nobody).exists()
    assert Invoice.objects.get(number="000002").balance == Money(600)
    assert list(Invoice.objects.for_person(bob).values_list("number", flat=True)) == ["000002"]
    assert Allocation.objects.get().amount == Money(400)
    pdf = invoice_documents.pdf(Invoice.objects.get(number="000001"), on=date(2030, 6, 1))
    assert pdf == invoice_documents.pdf(Invoice.objects.get(number="000001"), on=date(2030, 6, 1))
    assert InvoiceSeries.objects.get().next_number == 1


def test_issued_rows_are_refused_as_before(before: None) -> None:
    enter(factories.person("Alice"), 1)

    migrate("billing")

    for table in (
        "billing_invoice",
        "billing_invoiceline",
        "billing_payment",
        "billing_allocation",
    ):
        with connection.cursor() as cursor:
            cursor.execute(_triggers(), [f"{table}_is_immutable"])
            assert cursor.fetchone() == (1,), table
    with (
        pytest.raises(DatabaseError, match="Issued rows do not change"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_invoice SET payer_name = 'x'")


def _triggers() -> str:
    if connection.vendor == "postgresql":
        return "SELECT count(*) FROM pg_trigger WHERE tgname = %s"
    return "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s"
