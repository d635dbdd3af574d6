"""The same order submitted many times at once is one order; two tabs share one basket."""

from __future__ import annotations

import pytest
from django.utils import timezone

from portal.billing.models import Invoice, InvoiceSeries
from portal.core.models import OutgoingMail
from portal.events import booking, holding_places
from portal.events.booking import BasketChanged, submit_order
from portal.events.models import Basket, Hold, Order
from portal.events.order_review import review
from tests import factories
from tests.concurrency.together import together
from tests.events.acts import hold

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 8


def submitting(basket):
    """What the button does: with the fingerprint of one review, seen before."""
    at = timezone.now()
    reviewed = review(basket, at=at).fingerprint
    return lambda: submit_order(
        basket, actor=basket.owner, purchase_order="", reviewed=reviewed, at=at
    )


def test_one_order_and_one_invoice(alice):
    basket = hold(factories.option(factories.event(), places=1), alice)

    done = together([submitting(basket)] * TIMES)

    assert done == [Order.objects.get()] * TIMES
    assert Invoice.objects.count() == 1
    assert InvoiceSeries.objects.get().next_number == 2
    assert OutgoingMail.objects.count() == 2
    assert not Hold.objects.exists()


def test_control_without_the_lock_the_second_is_turned_away(alice, monkeypatch):
    """Both go by a basket that was read before either of them closed it, as without the lock."""
    basket = hold(factories.option(factories.event()), alice)
    acts = [submitting(basket)] * 2
    read = iter([Basket.objects.get(), Basket.objects.get()])
    monkeypatch.setattr(booking, "lock_one", lambda _: next(read))

    done = together(acts)

    assert {type(each) for each in done} == {Order, BasketChanged}


def test_the_first_places_of_many_tabs_are_in_one_basket(alice):
    options = [factories.option(factories.event(f"event-{n}")) for n in range(TIMES)]

    done = together([lambda one=one: hold(one, alice) for one in options])

    assert done == [Basket.objects.get()] * TIMES
    assert Hold.objects.count() == TIMES


def test_control_without_the_constraint_each_tab_would_make_a_basket(alice, monkeypatch):
    """Each tab finds no basket before any has made one; what then holds is the constraint."""
    options = [factories.option(factories.event(f"event-{n}")) for n in range(2)]
    made = []

    def make(owner, at):
        made.append(at)
        return Basket.objects.create(owner=owner, held_since=at, expires_at=at)

    monkeypatch.setattr(holding_places, "_open_basket", make)
    done = together([lambda one=one: hold(one, alice) for one in options])

    assert len(made) == 2
    assert sorted(type(each).__name__ for each in done) == ["Basket", "IntegrityError"]


def test_changing_and_submitting_at_once(alice):
    """Whichever comes first: what is ordered is what was reviewed, or nothing is."""
    first = factories.option(factories.event("one"))
    second = factories.option(factories.event("two"))
    basket = hold(first, alice)

    done = together([submitting(basket), lambda: hold(second, alice)])

    placed = [each for each in done if isinstance(each, Order)]
    if placed:
        assert [r.option for r in placed[0].registrations.all()] == [first]
        assert [h.option for h in Hold.objects.all()] == [second]
    else:
        assert isinstance(done[0], BasketChanged)
        assert [h.option for h in Hold.objects.all()] == [first, second]
