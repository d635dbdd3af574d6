"""Events in the office: what is relied upon already is refused in words."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.dates import LONDON
from portal.core.models import HistoryEntry
from portal.core.money import Money
from portal.events.models import BookingRules, Event, RegistrationOption
from tests import factories
from tests.events.acts import expire, hold, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of, sam):
    return client_of(sam)


@pytest.fixture
def option():
    starts = timezone.now().replace(second=0, microsecond=0) + timedelta(days=60)
    return factories.option(factories.event(starts=starts), "Member", price=Money(6000), places=9)


def address(event):
    return f"/office/events/event/{event.pk}/change/"


def form_of(event, **changed):
    """The form of an event with its one option, as it is, but for what is changed."""
    option = event.options.get()
    local = {name: getattr(event, name) for name in ("starts", "ends")}
    local.update({name: changed.pop(name) for name in ("starts", "ends") if name in changed})
    data = {
        "title": event.title,
        "kind": event.kind,
        "place": event.place,
        "online_link": event.online_link,
        "overview": event.overview,
        "funding_link": "",
        "terms": "",
        "cpd_category": "",
        "cpd_points": "",
        "sessions-TOTAL_FORMS": 0,
        "sessions-INITIAL_FORMS": 0,
        "pools-TOTAL_FORMS": 0,
        "pools-INITIAL_FORMS": 0,
        "options-TOTAL_FORMS": 1,
        "options-INITIAL_FORMS": 1,
        "options-0-id": option.pk,
        "options-0-event": event.pk,
        "options-0-position": option.position,
        "options-0-name": option.name,
        "options-0-price": str(option.price.pounds),
        "options-0-audience": option.audience,
        "options-0-places": option.places or "",
    }
    for name, moment in local.items():
        at = moment.astimezone(LONDON)
        data[f"{name}_0"], data[f"{name}_1"] = f"{at:%Y-%m-%d}", f"{at:%H:%M}"
    return {**data, **changed}


def save(office, event, **changed):
    return office.post(address(event), form_of(event, **changed))


def test_an_event_that_nobody_has_booked_can_change(office, option):
    event = option.event
    later = event.starts + timedelta(days=1)

    response = save(
        office, event, starts=later, ends=later + timedelta(hours=1), **{"options-0-price": "75.50"}
    )

    assert response.status_code == 302
    event.refresh_from_db()
    option.refresh_from_db()
    assert (event.starts, option.price) == (later, Money(7550))
    assert event.revision == 1
    assert HistoryEntry.objects.get(act="changed in the office").object_label == event.title


def test_the_history_has_what_became_of_the_options(office, option):
    event = option.event
    save(office, event, **{"options-0-price": "75.50"})
    save(office, event, **{"options-0-DELETE": "on"})

    changed = HistoryEntry.objects.filter(act="changed in the office").latest("pk")
    first = HistoryEntry.objects.filter(act="changed in the office").earliest("pk")
    assert first.detail["options_changed"] == [["Member (Debt relief orders), £75.50", ["price"]]]
    assert changed.detail["options_changed"] == []


def enter_rules(office, minutes, limit):
    given = {
        "valid_from": "2031-01-01",
        "hold_minutes": minutes,
        "hold_limit_minutes": limit,
        "forget_days": 14,
        "forget_requirements_days": 30,
        "funded_declaration": "I am eligible.",
        "terms": "Terms",
    }
    return office.post("/office/events/bookingrules/add/", given).content.decode()


def test_a_hold_lasts_a_day_at_most(office):
    refused = enter_rules(office, 30, 1441)
    assert "Hold places for at most a day: 1440 minutes." in refused
    assert not BookingRules.objects.filter(valid_from="2031-01-01")

    enter_rules(office, 1440, 1440)
    assert BookingRules.objects.filter(valid_from="2031-01-01")


@pytest.mark.parametrize(("minutes", "limit"), [(0, 120), (121, 120)])
def test_a_hold_lasts_and_ends(office, minutes, limit):
    html = enter_rules(office, minutes, limit)

    assert "Hold places for at least a minute, and for no longer than the limit." in html
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingRules.objects.update(hold_minutes=minutes, hold_limit_minutes=limit)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"options-0-price": "75"}, "and cannot be changed once somebody has booked"),
        ({"options-0-places": "0"}, "Enter 1 or more places, because 1 is taken."),
        ({"kind": "webinar"}, "The kind decides the VAT, so it cannot be changed once somebody"),
    ],
)
@pytest.mark.parametrize("book", [order, lambda option, by: hold(option, by, by=by)])
def test_what_is_taken_is_refused(office, option, alice, book, changed, sentence):
    book(option, by=alice)

    html = save(office, option.event, **changed).content.decode()

    assert sentence in html
    option.refresh_from_db()
    assert (option.price, option.places) == (Money(6000), 9)


def test_an_option_that_is_taken_is_not_deleted_even_by_who_may_do_all(office, option, alice, sam):
    order(option, by=alice)
    assert save(office, option.event, **{"options-0-DELETE": "on"}).status_code == 302
    assert RegistrationOption.objects.filter(pk=option.pk).exists()

    sam.user.is_superuser = True
    sam.user.save()
    html = save(office, option.event, **{"options-0-DELETE": "on"}).content.decode()

    assert "would require deleting the following protected" in html
    assert RegistrationOption.objects.filter(pk=option.pk).exists()


def test_the_date_is_refused(office, option, alice):
    order(option, by=alice)
    later = option.event.starts + timedelta(days=1)

    html = save(
        office, option.event, starts=later, ends=later + timedelta(hours=6)
    ).content.decode()

    assert "The start cannot be changed once somebody has booked" in html
    assert Event.objects.get().starts == option.event.starts


def test_the_rest_can_change_and_calendars_learn_of_it(office, option, alice):
    order(option, by=alice)

    assert save(office, option.event, place="York").status_code == 302
    assert save(office, Event.objects.get(), cpd_category="Training").status_code == 302
    event = Event.objects.get()
    assert (event.place, event.cpd_category, event.revision) == ("York", "Training", 1)


def test_what_has_expired_is_not_relied_upon(office, option, alice):
    expire(hold(option, alice))

    assert save(office, option.event, **{"options-0-price": "75"}).status_code == 302
    assert RegistrationOption.objects.get().price == Money(7500)


def test_a_new_event(office):
    data = {
        "code": "new-course",
        "title": "New course",
        "kind": "training",
        "starts_0": "2027-07-06",
        "starts_1": "09:30",
        "ends_0": "2027-07-06",
        "ends_1": "16:00",
        "sessions-TOTAL_FORMS": 0,
        "sessions-INITIAL_FORMS": 0,
        "pools-TOTAL_FORMS": 0,
        "pools-INITIAL_FORMS": 0,
        "options-TOTAL_FORMS": 1,
        "options-INITIAL_FORMS": 0,
        "options-0-position": 1,
        "options-0-name": "Member",
        "options-0-price": "£1,130.50",
        "options-0-audience": "member",
    }

    assert office.post("/office/events/event/add/", data).status_code == 302
    event = Event.objects.get()
    assert event.starts.isoformat() == "2027-07-06T08:30:00+00:00"
    assert event.options.get().price == Money(113050)


def test_a_price_that_is_none(office, option):
    html = save(office, option.event, **{"options-0-price": "a lot"}).content.decode()

    assert "“a lot” is not an amount: write pounds as in 60 or 60.50" in html


def test_orders_are_only_looked_up(office, option, alice):
    placed = order(option, by=alice)
    registration = placed.registrations.get()

    assert office.get("/office/events/order/").status_code == 200
    for address in (
        f"/office/events/order/{placed.pk}/change/",
        f"/office/events/registration/{registration.pk}/change/",
    ):
        assert office.get(address).status_code == 200
        assert office.post(address, {}).status_code == 403
    assert office.get("/office/events/order/add/").status_code == 403
    assert office.post(f"/office/events/registration/{registration.pk}/delete/").status_code == 403


def test_only_staff(client_of, alice, option):
    for name in ("event", "order", "registration", "bookingrules", "eventtax"):
        assert client_of(alice).get(f"/office/events/{name}/").status_code == 302


@pytest.mark.parametrize("places", [1, 3])
def test_an_order_is_looked_up_with_as_many_queries_for_three_places_as_for_one(
    office, alice, django_assert_num_queries, places
):
    options = [factories.option(factories.event(code=f"E-{n}"), "Member") for n in range(places)]
    placed = factories.order(alice, *options)

    with django_assert_num_queries(8):
        page = office.get(f"/office/events/order/{placed.pk}/change/")

    assert page.content.decode().count("Alice Archer") >= places
