"""The subqueries that are written out say what querysets would say, by the models' own names."""

import pytest
from django.utils import timezone

from portal.events import subqueries
from portal.events.models import Hold, RegistrationOption
from tests import factories
from tests.events.acts import hold, order

pytestmark = pytest.mark.django_db


def test_names_are_those_of_the_models(alice, monkeypatch):
    monkeypatch.setattr(Hold._meta.get_field("option"), "column", "chosen_id")
    subqueries._with_names.cache_clear()
    try:
        sql = str(RegistrationOption.objects.with_taken(timezone.now()).query)
    finally:
        subqueries._with_names.cache_clear()

    assert '"chosen_id"' in sql
    assert "[" not in sql


def test_places_taken_are_registrations_and_live_holds(alice, bob):
    option = factories.option(factories.event())
    order(option, by=alice)
    basket = hold(option, bob)
    at = timezone.now()

    def taken(**besides):
        return RegistrationOption.objects.with_taken(at, **besides).get(pk=option.pk).taken

    assert (taken(), taken(besides=basket.pk)) == (2, 1)
    Hold.objects.update(lost_at=at)
    assert taken() == 1
