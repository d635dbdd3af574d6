"""What is missing before the portal can do its work is named, app by app."""

import pytest
from django.urls import reverse

from portal.billing.models import InvoiceSeries, SupplierDetails, TaxRate
from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.core.readiness import all_missing, missing
from portal.events.models import BookingRules, EventTax, Kind
from portal.membership.models import MembershipCategory, MembershipRules
from portal.organisations.models import OrganisationType, RoleType
from tests import factories

pytestmark = pytest.mark.django_db


def test_nothing_is_missing_where_all_is_entered():
    MembershipRules.objects.get_or_create(valid_from=today(), grace_days=30)
    MembershipCategory.objects.get_or_create(name="Accredited")
    RoleType.objects.get_or_create(name="Adviser")
    OrganisationType.objects.get_or_create(name="Law centre")
    factories.administrator()

    assert all_missing(today()) == []


def test_a_body_without_a_name_is_told_first():
    SupplierDetails.objects.all().delete()
    BodyDetails.objects.all().delete()

    told = all_missing(today())

    assert told[0] == missing(today())[0]
    assert "`portal body`" in told[0]
    assert any("supplier details" in sentence for sentence in told[1:])


def test_a_portal_on_the_net_that_cannot_send_mail_is_told(settings):
    settings.LOCAL = settings.EMAIL_CONFIGURED = False

    assert [s for s in all_missing(today()) if "EMAIL_URL" in s]


def test_the_office_shows_what_is_missing_with_the_pages_that_mend_it(sam, client_of):
    office = client_of(sam)
    assert "There are no role types" in office.get("/office/").content.decode()
    RoleType.objects.create(name="Adviser")
    assert "There are no role types" not in office.get("/office/").content.decode()
    for model in (SupplierDetails, InvoiceSeries, TaxRate, BookingRules, EventTax):
        model.objects.all().delete()

    page = office.get("/office/").content.decode()

    assert "There is no administrator yet" in page
    lacks = [told for told in all_missing(today()) if getattr(told, "page", "")]
    for lack in lacks:
        address = reverse(lack.page)
        assert f'<a href="{address}">{lack}</a>' in page
        assert office.get(address).status_code == 200
    assert {reverse(lack.page).split("/")[3] for lack in lacks} >= {
        "supplierdetails",
        "taxrate",
        "invoiceseries",
        "bookingrules",
        "eventtax",
    }


def test_taxes_are_told_before_the_body_has_said_whether_it_is_registered():
    """They come up at once, and not one by one as the others are entered."""
    for model in (SupplierDetails, TaxRate, EventTax):
        model.objects.all().delete()

    told = [
        s
        for s in all_missing(today())
        if s.startswith("For a body registered for VAT, there is no")
    ]

    assert len(told) == 1 + len(Kind.values)


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        (MembershipCategory, "membership categories"),
        (MembershipRules, "days of grace"),
        (RoleType, "role types"),
        (OrganisationType, "organisation types"),
    ],
)
def test_each_list_and_rule_that_is_empty_is_told(lacks, words):
    lacks.objects.all().delete()

    assert [s for s in all_missing(today()) if words in s]
