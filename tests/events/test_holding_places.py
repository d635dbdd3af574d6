"""Holding places: one basket, one expiry, one hold per attendee and event, places counted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from portal.billing.readiness import NotReady
from portal.events.holding_places import hold_place, release_place
from portal.events.models import Audience, Basket, BookingRules, Hold, RegistrationOption
from portal.events.refusals import (
    AlreadyRegistered,
    EventBegun,
    EventFull,
    HeldElsewhere,
    OptionFull,
)
from tests import factories
from tests.events.acts import expire, held, hold, order

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at():
    return timezone.now()


def left(option):
    return RegistrationOption.objects.with_taken(timezone.now()).get(pk=option.pk).left


def test_a_place_is_held_for_half_an_hour(alice, at):
    option = factories.option(factories.event(), places=3)

    basket = hold(option, alice, at=at)

    assert (basket.held_since, basket.expires_at) == (at, at + 30 * MINUTE)
    assert left(option) == 2


def test_the_minutes_are_the_offices(alice, at):
    BookingRules.objects.update(hold_minutes=10)

    assert hold(factories.option(factories.event()), alice, at=at).expires_at == at + 10 * MINUTE


def test_without_booking_rules_nothing_can_be_held(alice):
    BookingRules.objects.all().delete()

    with pytest.raises(NotReady):
        hold(factories.option(factories.event()), alice)


def test_each_addition_renews_the_whole_basket(alice, at):
    hold(factories.option(factories.event("one")), alice, at=at)

    basket = hold(factories.option(factories.event("two")), alice, at=at + 20 * MINUTE)

    assert basket.expires_at == at + 50 * MINUTE
    assert held(basket) == [("one", False), ("two", False)]
    assert Basket.objects.count() == 1


def test_two_hours_from_the_first_at_most(alice, at):
    options = [factories.option(factories.event(f"event-{n}")) for n in range(6)]
    for number, option in enumerate(options):
        basket = hold(option, alice, at=at + 25 * number * MINUTE)
        if number == 3:
            assert basket.expires_at == at + 105 * MINUTE
        if number == 4:
            assert basket.expires_at == at + 120 * MINUTE

    assert basket.held_since == at + 125 * MINUTE  # it had expired: a new time begins
    assert basket.expires_at == at + 155 * MINUTE


def test_an_emptied_basket_begins_anew(alice, at):
    basket = hold(factories.option(factories.event("one")), alice, at=at)
    release_place(basket.holds.get(), actor=alice, at=timezone.now())

    basket = hold(factories.option(factories.event("two")), alice, at=at + 20 * MINUTE)

    assert basket.held_since == at + 20 * MINUTE


def test_there_cannot_be_two_open_baskets(alice, at):
    basket = hold(factories.option(factories.event()), alice)

    with pytest.raises(IntegrityError):
        Basket.objects.create(owner=alice, held_since=at, expires_at=at)
    assert basket.closed_at is None


def test_saving_again_replaces_the_answers_and_moves_the_place(alice):
    event = factories.event()
    first = factories.option(event, "Morning", places=1)
    second = factories.option(event, "Afternoon", places=1)
    hold(first, alice, special_requirements="Vegan")

    basket = hold(second, alice, special_requirements="Vegetarian")

    kept = basket.holds.get()
    assert (kept.option, kept.special_requirements) == (second, "Vegetarian")
    assert (left(first), left(second)) == (1, 0)


def test_saving_the_last_place_again_is_no_second_place(alice):
    option = factories.option(factories.event(), places=1)
    hold(option, alice)

    hold(option, alice, special_requirements="Vegan")

    assert Hold.objects.get().special_requirements == "Vegan"


def test_the_wording_is_kept(alice):
    option = factories.option(factories.event(), audience=Audience.FUNDED)

    hold(option, alice, agreed_terms="These terms", declaration="I am eligible")

    kept = Hold.objects.get()
    assert (kept.agreed_terms, kept.declaration) == ("These terms", "I am eligible")


def test_a_declaration_is_kept_only_with_a_funded_place(alice):
    hold(factories.option(factories.event()), alice, declaration="I am eligible")

    assert Hold.objects.get().declaration == ""


def test_a_full_event(alice, bob, charlie):
    option = factories.option(factories.event(), places=2)
    hold(option, alice)
    order(option, by=bob)

    with pytest.raises(EventFull) as refusal:
        hold(option, charlie)

    assert str(refusal.value) == "This event is now full. Nothing has been ordered."
    assert not Hold.objects.filter(attendee=charlie).exists()
    assert not Basket.objects.filter(owner=charlie).exists()


def test_a_full_option_where_another_has_a_place(alice, bob):
    event = factories.event()
    full = factories.option(event, "In the room", places=1)
    factories.option(event, "Online")
    hold(full, alice)

    with pytest.raises(OptionFull) as refusal:
        hold(full, bob)

    assert str(refusal.value) == "“In the room” is now full. Choose another option"


def test_a_full_option_where_the_free_one_is_not_for_the_attendee(alice, bob):
    event = factories.event()
    full = factories.option(event, "Member", audience=Audience.MEMBER, places=1)
    factories.option(event, "Non-member", audience=Audience.NON_MEMBER)
    hold(full, alice)

    with pytest.raises(OptionFull) as refusal:
        hold(full, bob)

    assert str(refusal.value) == (
        "“Member” is now full, and no other option is open to you. Nothing has been ordered."
    )


def test_an_expired_hold_keeps_no_place_from_others(alice, bob):
    option = factories.option(factories.event(), places=1)
    expire(hold(option, alice))

    basket = hold(option, bob)

    assert held(basket) == [(option.event.code, False)]


def test_adding_to_an_expired_basket_takes_its_places_again(alice):
    first = factories.option(factories.event("one"), places=1)
    second = factories.option(factories.event("two"))
    expire(hold(first, alice))
    assert left(first) == 1

    basket = hold(second, alice)

    assert held(basket) == [("one", False), ("two", False)]
    assert left(first) == 0


def test_a_place_that_was_taken_meanwhile_is_marked_and_its_answers_stay(alice, bob):
    first = factories.option(factories.event("one"), places=1)
    second = factories.option(factories.event("two"))
    expire(hold(first, alice, special_requirements="Vegan"))
    hold(first, bob)

    basket = hold(second, alice)

    assert held(basket) == [("one", True), ("two", False)]
    assert basket.holds.get(event__code="one").special_requirements == "Vegan"
    assert left(first) == 0


def test_a_lost_place_is_tried_again(alice, bob):
    first = factories.option(factories.event("one"), places=1)
    expire(hold(first, alice))
    other = hold(first, bob)
    hold(factories.option(factories.event("two")), alice)
    release_place(other.holds.get(), actor=bob, at=timezone.now())

    basket = hold(factories.option(factories.event("three")), alice)

    assert held(basket) == [("one", False), ("two", False), ("three", False)]


def test_two_of_an_expired_basket_for_one_place(alice, bob):
    option = factories.option(factories.event("one"), places=2)
    hold(option, bob, by=alice)
    expire(hold(option, alice))
    RegistrationOption.objects.update(places=1)

    basket = hold(factories.option(factories.event("two")), alice)

    assert [h.lost_at is None for h in basket.holds.all()] == [True, False, True]


def test_an_expired_hold_in_another_basket_gives_way(alice, bob):
    option = factories.option(factories.event(), places=1)
    expire(hold(option, alice, by=bob))

    basket = hold(option, alice)

    assert basket.owner == alice
    assert Hold.objects.get().basket == basket


def test_a_hold_in_another_basket_is_left_alone(alice, bob):
    option = factories.option(factories.event(), places=2)
    hold(option, alice, by=bob)

    with pytest.raises(HeldElsewhere):
        hold(option, alice)

    assert Hold.objects.get().basket.owner == bob


def test_an_event_that_has_begun(alice, at):
    option = factories.option(factories.event(starts=at))

    with pytest.raises(EventBegun):
        hold(option, alice, at=at)
    hold(option, alice, at=at - MINUTE)


def test_who_is_registered_already(alice, bob):
    option = factories.option(factories.event())
    order(option, by=alice)

    with pytest.raises(AlreadyRegistered) as own:
        hold(option, alice)
    with pytest.raises(AlreadyRegistered) as other:
        hold(option, alice, by=bob)

    assert str(own.value).startswith("You are already registered")
    assert str(other.value).startswith("Alice Archer is already registered")


def test_an_option_of_another_event_is_a_mistake_of_ours(alice, at):
    option = factories.option(factories.event("one"))

    with pytest.raises(ValueError):
        hold_place(
            factories.event("two"),
            option=option,
            attendee=alice,
            booked_by=alice,
            agreed_terms="",
            at=at,
        )


def test_what_has_been_ordered_cannot_be_taken_out(alice):
    option = factories.option(factories.event())
    hold(option, alice)
    kept = Hold.objects.get()
    placed = order(option, by=alice)

    release_place(kept, actor=alice, at=timezone.now())

    assert placed.registrations.count() == 1
