"""What registering lacks, in sentences for the office."""

import pytest

from portal.billing.models import SupplierDetails, TaxCode
from portal.core.dates import today
from portal.events.models import BookingRules, EventTax, Kind
from portal.events.readiness import missing, missing_for

pytestmark = pytest.mark.django_db


def test_ready():
    assert missing(today()) == []


def test_what_is_missing_is_named():
    BookingRules.objects.all().delete()
    EventTax.objects.filter(kind=Kind.WEBINAR).delete()

    assert [sentence.split(" ")[3] for sentence in missing(today())] == ["booking", "tax"]
    assert "“Webinar”" in missing(today())[1]


def test_a_tax_without_its_rate_is_named():
    EventTax.objects.filter(kind=Kind.WEBINAR).update(tax_code=TaxCode.REDUCED)

    assert [s.split(" on ")[0] for s in missing(today())] == [
        "There is no VAT rate for “Reduced rate”"
    ]
    assert missing_for([Kind.TRAINING], today()) == []


def test_a_body_without_vat_needs_no_taxes():
    SupplierDetails.objects.update(vat_number="")
    EventTax.objects.all().delete()

    assert missing(today()) == []
