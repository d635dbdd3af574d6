"""What was never ordered is forgotten after the days that staff set."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.background.registry import JOBS
from portal.core.models import HistoryEntry, OutgoingMail
from portal.events.forgetting_bookings import forget_requirements, forget_unordered
from portal.events.models import Basket, BookingRules, Hold, Order, Registration
from tests import factories
from tests.events.acts import hold, submit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_answers_go_once_the_days_are_over(alice, bob):
    BookingRules.objects.update(forget_days=10)
    option = factories.option(factories.event())
    hold(option, alice)
    expired = Basket.objects.get().expires_at
    submit(hold(option, bob))

    assert forget_unordered(at=expired + 10 * DAY) == 0
    assert Hold.objects.filter(attendee=alice).exists()

    assert forget_unordered(at=expired + 10 * DAY + timedelta(seconds=1)) == 1
    assert not Hold.objects.exists()
    assert Basket.objects.get() == Order.objects.get().basket
    assert forget_unordered(at=expired + 20 * DAY) == 0


def test_a_new_basket_begins_after_it(alice):
    option = factories.option(factories.event())
    hold(option, alice)
    forget_unordered(at=timezone.now() + 30 * DAY)

    assert hold(option, alice).holds.get().attendee == alice


def test_without_rules_nothing_goes(alice):
    hold(factories.option(factories.event()), alice)
    BookingRules.objects.all().delete()

    assert forget_unordered(at=timezone.now() + 300 * DAY) == 0
    assert Hold.objects.exists()


def test_it_is_a_job_of_each_day():
    assert JOBS["forget_unordered"].every == DAY


def test_special_requirements_go_some_days_after_the_event(alice, bob):
    BookingRules.objects.update(forget_requirements_days=10)
    event = factories.event()
    submit(hold(factories.option(event), alice, special_requirements="A quiet room"))
    other = factories.event("later", starts=event.starts + 5 * DAY)
    submit(hold(factories.option(other), alice, special_requirements="No stairs"))

    def kept() -> set[str]:
        return set(Registration.objects.values_list("special_requirements", flat=True))

    assert forget_requirements(at=event.ends + 10 * DAY) == 0
    assert kept() == {"A quiet room", "No stairs"}
    assert forget_requirements(at=event.ends + 10 * DAY + timedelta(seconds=1)) == 1
    assert kept() == {"", "No stairs"}
    assert Order.objects.count() == 2


def test_special_requirements_stand_nowhere_else(alice):
    words = "A quiet room, far from the kitchen"
    submit(hold(factories.option(factories.event()), alice, special_requirements=words))

    assert Registration.objects.filter(special_requirements=words).count() == 1
    assert not Hold.objects.exists()
    for row in OutgoingMail.objects.all():
        assert words not in "".join([row.text, row.html, row.subject, row.calendar])
    assert [row for row in HistoryEntry.objects.all() if words in str(row.detail)] == []
