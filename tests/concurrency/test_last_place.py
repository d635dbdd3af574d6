"""Many buyers for the last places: exactly as many orders and invoices as there are places.

Each is paired with a control that shows the race without the lock. On PostgreSQL the controls
leave the lock out and meet between check and write; on SQLite, where a write transaction is
itself the lock, they check before it.
"""

from __future__ import annotations

from collections import Counter
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from portal.billing.models import Invoice
from portal.core.models import OutgoingMail
from portal.events import booking, holding_places
from portal.events.bookable import EVENT_FULL
from portal.events.counting_places import Places
from portal.events.models import Basket, Event, Hold, Order, Pool, Registration
from portal.events.order_review import refuse_lines, review
from tests import factories
from tests.concurrency.together import together
from tests.events.acts import expire, hold, submit

pytestmark = pytest.mark.django_db(transaction=True)

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


def test_control_submitting_without_the_lock_oversells(monkeypatch):
    option = last_places(1)
    baskets = [expire(hold(option, one)) for one in people(2)]
    met = Barrier(2, timeout=20)

    def review_then_meet(basket, **given):
        now = review(basket, **given)
        met.wait()
        return now

    def check_outside(basket):
        now = review(basket, at=timezone.now())
        refuse_lines(now.lines, basket, at=timezone.now(), is_order=True)
        met.wait()
        if now.refused:
            raise EVENT_FULL.refusal()
        return submit(basket)

    if connection.vendor == "postgresql":
        monkeypatch.setattr(booking, "lock_events", unlocked)
        monkeypatch.setattr(booking, "review", review_then_meet)
        done = together([lambda one=one: submit(one) for one in baskets])
    else:
        monkeypatch.setattr("portal.events.order_review.refuse_lines", lambda *_, **__: None)
        done = together([lambda one=one: check_outside(one) for one in baskets])

    assert outcome(done) == {"Order": 2}
    assert Registration.objects.count() == 2


def test_control_holding_without_the_lock_oversells(monkeypatch):
    option = last_places(1)
    buyers = people(2)
    met = Barrier(2, timeout=20)

    class CheckedThenMet(Places):
        def take(self, option):
            is_free = super().take(option)
            met.wait()
            return is_free

    if connection.vendor == "postgresql":
        monkeypatch.setattr(holding_places, "lock_events", unlocked)
        monkeypatch.setattr(holding_places, "Places", CheckedThenMet)
    else:
        nobodys = Basket(pk=0)
        now = timezone.now()
        seen = iter([Places(Q(event=option.event), at=now, besides=nobodys) for _ in buyers])
        monkeypatch.setattr(holding_places, "Places", lambda *_, **__: next(seen))
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


def test_control_two_options_of_one_pool_without_the_lock_oversell(monkeypatch):
    options = two_options_of_one_pool()
    pairs = list(zip(options, people(2), strict=True))
    met = Barrier(2, timeout=20)

    class CheckedThenMet(Places):
        def take(self, option):
            is_free = super().take(option)
            met.wait()
            return is_free

    if connection.vendor == "postgresql":
        monkeypatch.setattr(holding_places, "lock_events", unlocked)
        monkeypatch.setattr(holding_places, "Places", CheckedThenMet)
    else:
        event, now = Q(event=options[0].event), timezone.now()
        seen = iter([Places(event, at=now, besides=Basket(pk=0)) for _ in pairs])
        monkeypatch.setattr(holding_places, "Places", lambda *_, **__: next(seen))
    done = together([lambda pair=pair: hold(*pair) for pair in pairs])

    assert outcome(done) == {"Basket": 2}
    assert Hold.objects.live(timezone.now()).count() == 2
