"""The cast is who the docs say it is."""

import pytest

from portal.core.dates import today
from portal.membership.standing import standing
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_cast(alice, bob, charlie, sam):
    assert standing(alice, today()).category.name == "Accredited"
    assert standing(bob, today()).is_current
    assert not standing(charlie, today()).is_current
    assert (sam.user.is_staff, sam.user.is_superuser) == (True, False)
    assert alice.affiliations.get().organisation == bob.affiliations.get().organisation
    assert not charlie.affiliations.exists()


def test_each_can_sign_in(alice, client_of, client):
    assert client_of(alice).session["_auth_user_id"] == str(alice.user.pk)
    assert client.login(email="alice@example.org", password=factories.PASSWORD)


def test_an_event_with_an_option():
    option = factories.option(factories.event(), places=5)

    assert str(option) == "Place (Debt relief orders)"
