"""What is missing before the portal can do its work is named, app by app."""

import pytest

from portal.billing.models import SupplierDetails
from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.core.readiness import all_missing, missing
from portal.membership.models import MembershipCategory, MembershipRules
from portal.organisations.models import OrganisationType, RoleType

pytestmark = pytest.mark.django_db


def test_nothing_is_missing_where_all_is_entered():
    MembershipRules.objects.get_or_create(valid_from=today(), grace_days=30)
    MembershipCategory.objects.get_or_create(name="Accredited")
    RoleType.objects.get_or_create(name="Adviser")
    OrganisationType.objects.get_or_create(name="Law centre")

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
