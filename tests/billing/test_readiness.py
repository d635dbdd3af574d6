"""What billing needs before the first invoice."""

from datetime import timedelta

import pytest

from portal.billing.models import InvoiceSeries, SupplierDetails, TaxRate
from portal.billing.readiness import missing
from portal.core.dates import short_date, today
from tests import factories

pytestmark = pytest.mark.django_db


def test_nothing_is_missing_once_all_is_entered():
    assert missing(today()) == []


def test_each_thing_is_named():
    TaxRate.objects.all().delete()
    assert missing(today()) == [
        f"There is no VAT rate for “Standard rate” on {short_date(today())}. Enter it in the "
        "office, under Billing, Tax rates."
    ]

    SupplierDetails.objects.all().delete()
    InvoiceSeries.objects.all().delete()
    assert missing(today()) == [
        f"There are no supplier details for {short_date(today())}. Enter the bank, the address "
        "for cheques and the VAT number in the office, under Billing, Supplier details.",
        "For a body registered for VAT, there is no VAT rate for “Standard rate” on "
        f"{short_date(today())}. Enter it in the office, under Billing, Tax rates.",
        "There is no invoice series “invoice”. Enter it in the office, under Billing, Invoice "
        "series.",
    ]


def test_a_body_that_is_not_registered_needs_no_rates():
    factories.supplier(vat_number="")
    TaxRate.objects.all().delete()

    assert missing(today()) == []


def test_what_holds_later_is_missing_now():
    SupplierDetails.objects.update(valid_from=today() + timedelta(days=1))

    assert len(missing(today())) == 1
    assert missing(today() + timedelta(days=1)) == []
