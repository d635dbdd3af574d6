"""A registration that has been cancelled takes no place and is nobody's any more."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.events.cancelling_registrations import cancel_registration
from portal.events.models import Registration
from portal.home.front_page import overview
from tests import factories
from tests.events.acts import hold, order

pytestmark = pytest.mark.django_db


def end(registration):
    now = timezone.now()
    cancel_registration(registration, because="Ill", is_credited=False, actor="Sam", at=now)


def test_its_place_is_free_for_somebody_else_and_for_the_same_person(alice, bob):
    option = factories.option(factories.event(), places=1)
    end(order(option, by=alice).registrations.get())

    assert option.event.options.with_taken(timezone.now()).get().left == 1
    again = order(option, by=alice).registrations.get()
    end(again)
    hold(option, bob)

    assert Registration.objects.count() == 2
    assert Registration.objects.taking_a_place().count() == 0


def test_a_second_one_that_has_not_ended_cannot_be(alice):
    registration = order(factories.option(factories.event()), by=alice).registrations.get()
    registration.pk = None
    registration.invoice_line = None

    with pytest.raises(IntegrityError), transaction.atomic():
        registration.save(force_insert=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"cancelled_at": True},
        {"cancelled_by": "Sam"},
        {"cancelled_because": "Ill"},
        {"cancelled_at": True, "cancelled_by": "Sam"},
        {"cancelled_at": True, "cancelled_because": "Ill"},
        {"cancelled_by": "Sam", "cancelled_because": "Ill"},
    ],
)
def test_it_is_said_when_by_whom_and_why_or_nothing_of_it(alice, changed):
    order(factories.option(factories.event()), by=alice)
    changed = {k: timezone.now() if v is True else v for k, v in changed.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.update(**changed)


def test_pages_show_it_no_more(alice, client_of):
    registration = order(factories.option(factories.event()), by=alice).registrations.get()
    browser = client_of(alice)
    calendar = f"/registrations/{registration.pk}/event.ics"
    assert browser.get(calendar).status_code == 200
    end(registration)

    page = browser.get(f"/training-and-events/{registration.event.code}/").text
    assert "You are registered" not in page
    assert "Register myself" in page
    assert browser.get(calendar).status_code == 404
    assert "to calendar" not in browser.get("/account/activity/").text
    assert overview(alice, timezone.now()).next_registration is None
