"""What was never ordered is forgotten after the days that staff set."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.background.registry import JOBS
from portal.events.forgetting import forget_unordered
from portal.events.models import Basket, BookingRules, Hold, Order
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
