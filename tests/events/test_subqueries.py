"""What is looked up inside the queries of events, alike by the ORM and once its SQL is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.events.models import Event, Hold, Registration, RegistrationOption
from portal.events.reading_events import event_for_account, event_for_person, options_of
from tests import factories
from tests.events.acts import hold, order

pytestmark = pytest.mark.django_db


def test_places_taken_are_registrations_and_live_holds(alice, bob):
    option = factories.option(factories.event())
    order(option, by=alice)
    basket = hold(option, bob)
    at = timezone.now()

    def taken(**besides):
        return RegistrationOption.objects.with_taken(at, **besides).get(pk=option.pk).taken

    assert (taken(), taken(besides=basket.pk)) == (2, 1)
    assert [one.taken for _ in range(2) for one in options_of(option.event.pk, at=at)] == [2, 2]
    [besides] = options_of(option.event.pk, at=at, besides=basket.pk)
    assert besides.taken == 1
    Hold.objects.update(lost_at=at)
    assert taken() == 1
    assert [one.taken for one in options_of(option.event.pk, at=at)] == [1]


def test_a_hold_is_counted_until_its_moment(alice):
    option = factories.option(factories.event())
    basket = hold(option, alice)
    moment = timedelta(microseconds=1)

    for _ in range(2):
        [before] = options_of(option.event.pk, at=basket.expires_at - moment)
        [after] = options_of(option.event.pk, at=basket.expires_at)
        assert (before.taken, after.taken) == (1, 0)


def test_an_event_comes_with_the_part_of_each_who_asks(alice, bob, charlie):
    option = factories.option(factories.event())
    code = option.event.code
    order(option, by=alice)
    hold(option, bob)
    at = timezone.now()
    mine, held = Registration.objects.get().pk, Hold.objects.get().pk
    parts = {alice: (mine, None), bob: (None, held), charlie: (None, None)}

    for person, part in [*parts.items(), *parts.items()]:
        for found in (
            event_for_account(code, user=person.user_id, at=at),
            event_for_person(code, person=person, at=at),
        ):
            assert found == option.event
            assert (found.my_registration, found.my_hold) == part
        assert event_for_account(code, user=person.user_id, at=at).me == person.pk
    visitor = event_for_account(code, user=None, at=at)
    assert (visitor.me, visitor.my_registration, visitor.my_hold) == (None, None, None)
    assert event_for_account("no-such-event", user=None, at=at) is None


def test_what_is_kept_says_what_the_orm_says(alice):
    event = factories.option(factories.event()).event
    at = timezone.now()
    day = timezone.localdate(at)
    asked = Event.objects.with_tax(day).with_terms(day).with_part_of(alice)

    for _ in range(2):
        kept, found = event_for_person(event.code, person=alice, at=at), asked.get(pk=event.pk)
        for field in [*Event._meta.concrete_fields]:
            assert getattr(kept, field.attname) == getattr(found, field.attname)
        assert (kept.tax_code, kept.usual_terms) == (found.tax_code, found.usual_terms)
    assert found.usual_terms
