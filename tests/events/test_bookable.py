"""Whether a place can be booked: one decision, in one order, with a code and a sentence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.billing.vat import taxes_on
from portal.core.dates import on_day
from portal.events.bookable import Asked, at_best, of_option
from portal.events.catalogue import Wanted, find_events
from portal.events.models import Audience, Event, Hold
from portal.events.order_review import review
from portal.events.refusals import REFUSALS, BookingRefused, Code, EventFull, NotEligible
from portal.membership.standing import NO_MEMBERSHIP, Standing
from tests import factories
from tests.events.acts import hold, order, submit

pytestmark = pytest.mark.django_db
MEMBER = Standing(number="1", is_current=True)


def asked(**known):
    return Asked(**{"at": timezone.now(), "is_ready": True, "standing": NO_MEMBERSHIP, **known})


def answer(option, options=None, *, declared=None, **known):
    rows = list(option.event.options.with_taken(timezone.now()))
    found = next(row for row in rows if row.pk == option.pk)
    return of_option(found, option.event, rows, asked(**known), declared=declared)


def test_the_first_reason_is_told(alice):
    """One reason after the other is taken away; the next in the order is told."""
    event = factories.event(starts=timezone.now() - timedelta(minutes=1))
    option = factories.option(event, "Free", audience=Audience.FUNDED, places=1)
    member = factories.option(event, "Member", audience=Audience.MEMBER, places=0)
    hold_until = timezone.now()
    everything = {"is_ready": False, "is_registered": True, "held_until": hold_until}
    told = [answer(member, **everything).code]
    event.starts = timezone.now() + timedelta(hours=1)
    event.save()
    told.append(answer(member, **everything).code)
    everything["is_ready"] = True
    told.append(answer(member, **everything).code)
    everything["is_registered"] = False
    told.append(answer(member, **everything).code)
    everything["held_until"] = None
    told.append(answer(member, **everything).code)
    told.append(answer(option, declared=False).code)
    told.append(answer(member, standing=MEMBER).code)
    event.options.update(places=0)
    told.append(answer(member, standing=MEMBER).code)
    told.append(answer(member, standing=MEMBER, own=member.pk).code)

    assert told == [
        Code.HAS_BEGUN,
        Code.NOT_OPEN,
        Code.ALREADY_REGISTERED,
        Code.HELD_ELSEWHERE,
        Code.MEMBERS_ONLY,
        Code.DECLARATION_MISSING,
        Code.OPTION_FULL,
        Code.EVENT_FULL,
        Code.OPEN,
    ]


def test_every_refusal_has_a_code_of_its_own_and_its_sentence():
    option = factories.option(factories.event(), places=0)

    refusal = answer(option).refusal()

    assert (type(refusal), refusal.code) == (EventFull, "event-full")
    assert str(refusal) == "This event is now full. Nothing has been ordered."
    assert all(kind.code == code for code, kind in REFUSALS.items())
    rest = {Code.OPEN, Code.OPTION_GONE, Code.ADDRESS_MISSING, Code.WRONG_SESSIONS}
    assert set(Code) - set(REFUSALS) == rest


def test_many_options_cost_no_query(django_assert_num_queries):
    event = factories.event()
    for number in range(5):
        factories.option(event, f"Option {number}", places=number)
    rows = list(event.options.with_taken(timezone.now()))

    with django_assert_num_queries(0):
        answers = [of_option(row, event, rows, asked()).code for row in rows]
        best = at_best(event, rows, asked()).code

    assert answers == [Code.OPTION_FULL, *[Code.OPEN] * 4]
    assert best == Code.OPEN


def test_the_list_finds_what_is_open_for_somebody(alice):
    """The query of the list and the decision say the same of each event."""
    begun = factories.event("begun", starts=timezone.now() - timedelta(minutes=1))
    factories.option(begun)
    order(factories.option(factories.event("full"), places=1), by=alice)
    factories.event("without-options")
    factories.option(factories.event("open"), places=1)
    at = timezone.now()
    taxes = taxes_on(on_day(at))

    listed = find_events(Wanted(with_places=True), taxes=taxes, at=at)

    by_decision = [
        event.code
        for event in Event.objects.upcoming(at)
        if at_best(event, list(event.options.with_taken(at)), asked(standing=None)).can_take
    ]
    assert [event.code for event in listed] == by_decision == ["open"]


def test_the_basket_tells_before_the_order_does(alice, bob):
    """Who may not take it, or has a place already, reads so in the basket."""
    option = factories.option(factories.event(), audience=Audience.NON_MEMBER)
    basket = hold(factories.option(factories.event("other")), alice)
    Hold.objects.update(option=option, event=option.event)

    (line,) = review(basket, at=timezone.now()).lines

    assert line.refusal.code == Code.NON_MEMBERS_ONLY
    with pytest.raises(NotEligible) as refusal:
        submit(basket)
    assert str(refusal.value) == str(line.refusal)
    assert isinstance(line.refusal, BookingRefused)


def test_one_sentence_in_basket_and_order_for_who_is_registered(alice, bob):
    option = factories.option(factories.event())
    order(option, by=alice)
    basket = hold(factories.option(factories.event("other")), alice)
    Hold.objects.update(option=option, event=option.event)

    (line,) = review(basket, at=timezone.now()).lines

    sentence = "You are already registered for this event. Nothing has been ordered."
    assert (line.refusal.code, str(line.refusal)) == (Code.ALREADY_REGISTERED, sentence)
