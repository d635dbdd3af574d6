"""Many buyers for the last places: exactly as many orders and invoices as there are places.

Each is paired with a control that shows the race without the lock: it leaves the lock out, and both
meet between check and write. SQLite has no such controls: there a write transaction is itself the
lock, so that nobody can leave it out.
"""

from __future__ import annotations

from collections import Counter
from threading import Barrier

import pytest
from django.conf import settings
from django.utils import timezone

from portal.billing.models import Invoice
from portal.core.models import OutgoingMail
from portal.events import booking, holding_places
from portal.events.counting_places import Places
from portal.events.models import Event, Hold, Order, Pool, Registration
from portal.events.order_review import review
from tests import factories
from tests.concurrency.together import together
from tests.events.acts import expire, hold, submit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

needs_row_locks = pytest.mark.skipif(
    settings.SQLITE, reason="on SQLite the transaction is the lock, and cannot be left out"
)

BUYERS, PLACES = 64, 5


def people(number):
    return [factories.person(f"Buyer{n}", has_account=False) for n in range(number)]


def last_places(places):
    return factories.option(factories.event(), places=places)


def outcome(done):
    return Counter(type(each).__name__ for each in done)


def unlocked(basket, *more):
    """What `lock_events` gives, without its lock."""
    return Event.objects.in_bulk()


def five_of_each():
    sequences = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, PLACES + 1))
    assert (Order.objects.count(), Registration.objects.count()) == (PLACES, PLACES)
    assert Counter(OutgoingMail.objects.values_list("kind", flat=True)) == {
        "order": PLACES,
        "invoice": PLACES,
    }


def test_the_whole_way():
    option = last_places(PLACES)
    buyers = people(BUYERS)

    done = together([lambda one=one: submit(hold(option, one)) for one in buyers])

    assert outcome(done) == {"Order": PLACES, "EventFull": BUYERS - PLACES}
    five_of_each()
    assert not Hold.objects.exists()


def test_submitting_when_every_hold_has_expired():
    option = last_places(PLACES)
    baskets = [expire(hold(option, one)) for one in people(BUYERS)]

    done = together([lambda one=one: submit(one) for one in baskets])

    assert outcome(done) == {"Order": PLACES, "EventFull": BUYERS - PLACES}
    five_of_each()
    assert Hold.objects.count() == BUYERS - PLACES  # nobody loses their answers


def test_holding():
    option = last_places(PLACES)

    done = together([lambda one=one: hold(option, one) for one in people(BUYERS)])

    assert outcome(done) == {"Basket": PLACES, "EventFull": BUYERS - PLACES}
    assert Hold.objects.live(timezone.now()).count() == PLACES


class CheckedThenMet(Places):
    """Both have found a place free before either takes it."""

    met: Barrier

    def take(self, option):
        is_free = super().take(option)
        self.met.wait()
        return is_free


@pytest.fixture
def no_lock_at_holding(monkeypatch):
    monkeypatch.setattr(CheckedThenMet, "met", Barrier(2, timeout=20), raising=False)
    monkeypatch.setattr(holding_places, "lock_events", unlocked)
    monkeypatch.setattr(holding_places, "Places", CheckedThenMet)


@needs_row_locks
def test_control_submitting_without_the_lock_oversells(monkeypatch):
    option = last_places(1)
    baskets = [expire(hold(option, one)) for one in people(2)]
    met = Barrier(2, timeout=20)

    def review_then_meet(basket, **given):
        now = review(basket, **given)
        met.wait()
        return now

    monkeypatch.setattr(booking, "lock_events", unlocked)
    monkeypatch.setattr(booking, "review", review_then_meet)
    done = together([lambda one=one: submit(one) for one in baskets])

    assert outcome(done) == {"Order": 2}
    assert Registration.objects.count() == 2


@needs_row_locks
def test_control_holding_without_the_lock_oversells(no_lock_at_holding):
    option = last_places(1)
    buyers = people(2)

    done = together([lambda one=one: hold(option, one) for one in buyers])

    assert outcome(done) == {"Basket": 2}
    assert Hold.objects.live(timezone.now()).count() == 2


def two_options_of_one_pool():
    """Members and others share the last place."""
    event = factories.event()
    pool = Pool.objects.create(event=event, name="Room", places=1)
    return [factories.option(event, name, pool=pool) for name in ("Member", "Other")]


def test_two_options_of_one_pool_have_one_last_place():
    pairs = list(zip(two_options_of_one_pool(), people(2), strict=True))

    done = together([lambda pair=pair: submit(hold(*pair)) for pair in pairs])

    assert outcome(done) == {"Order": 1, "EventFull": 1}
    assert Registration.objects.count() == 1


@needs_row_locks
def test_control_two_options_of_one_pool_without_the_lock_oversell(no_lock_at_holding):
    pairs = list(zip(two_options_of_one_pool(), people(2), strict=True))

    done = together([lambda pair=pair: hold(*pair) for pair in pairs])

    assert outcome(done) == {"Basket": 2}
    assert Hold.objects.live(timezone.now()).count() == 2
