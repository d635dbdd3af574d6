"""What is missing before the portal can do its work is named, app by app."""

import pytest

from portal.billing.models import SupplierDetails
from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.core.readiness import all_missing, missing

pytestmark = pytest.mark.django_db


def test_nothing_is_missing_where_all_is_entered():
    assert all_missing(today()) == []


def test_a_body_without_a_name_is_told_first():
    SupplierDetails.objects.all().delete()
    BodyDetails.objects.all().delete()

    told = all_missing(today())

    assert told[0] == missing(today())[0]
    assert "`portal body`" in told[0]
    assert any("supplier details" in sentence for sentence in told[1:])
