"""The list “Training and events” and the page of an event: public, quick, without secrets."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.billing.models import SupplierDetails, TaxRate
from portal.core.dates import LONDON
from portal.core.money import Money
from portal.events.models import Audience, BookingRules, EventTax, Kind, RegistrationOption
from tests import factories
from tests.events.acts import expire, hold, order, submit

pytestmark = pytest.mark.django_db
LIST = "/training-and-events/"
DAY = timedelta(days=1)
SECRET = "https://meet.example.org/secret-room"


def page(client, address=LIST, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def address(event):
    return reverse("events:event", args=[event.code])


def shown(html):
    """The titles of the cards, in their order."""
    return [part.split(">")[1].split("</a")[0] for part in html.split('event-card__title"><a')[1:]]


# --- The list --------------------------------------------------------------------------------
def test_what_is_not_over_soonest_first(client):
    now = timezone.now()
    factories.event("later", title="Later", starts=now + 9 * DAY)
    factories.event("sooner", title="Sooner", starts=now + 2 * DAY)
    factories.event("running", title="Running", starts=now - timedelta(hours=1))
    factories.event("over", title="Over", starts=now - 9 * DAY)

    html = page(client)

    assert shown(html) == ["Running", "Sooner", "Later"]
    assert ">Closed<" in html


def test_nothing_is_planned(client):
    assert "No events are planned just now" in page(client)


def test_nothing_matches(client):
    factories.event()

    html = page(client, q="zebra")

    assert "No event matches" in html
    assert "Show all training and events" in html


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"kind": "webinar"}, ["Energy"]),
        ({"where": "online"}, ["Energy"]),
        ({"where": "room"}, ["Debts", "Conference"]),
        ({"q": "leeds DEBTS"}, ["Debts"]),
        ({"q": "nowhere"}, []),
        ({"since": "2027-03-10"}, ["Conference"]),
        ({"since": "10/03/2027"}, ["Conference"]),
        ({"places": "on"}, ["Energy", "Conference"]),
        ({"kind": "training", "where": "online"}, []),
    ],
)
def test_filters(client, alice, time_machine, query, titles):
    time_machine.move_to(datetime(2027, 3, 1, 12, tzinfo=LONDON), tick=False)
    start = datetime(2027, 3, 5, 9, 30, tzinfo=LONDON)
    full = factories.option(
        factories.event("a", title="Debts", starts=start, overview="Rent"), places=1
    )
    online = factories.event(
        "b", title="Energy", starts=start + DAY, kind=Kind.WEBINAR, place="", overview=""
    )
    factories.option(online)
    hall = factories.event(
        "c", title="Conference", starts=start + 9 * DAY, kind=Kind.CONFERENCE, place="York"
    )
    factories.option(hall, places=9)
    hold(full, alice)

    assert shown(page(client, **query)) == titles


def test_only_with_places_leaves_out_what_is_not_open_yet(client):
    factories.option(factories.event("a", title="Course"))
    factories.option(factories.event("b", title="Webinar", kind=Kind.WEBINAR))
    EventTax.objects.filter(kind=Kind.WEBINAR).delete()

    assert shown(page(client)) == ["Course", "Webinar"]
    assert shown(page(client, places="on")) == ["Course"]

    TaxRate.objects.all().delete()
    assert shown(page(client, places="on")) == []

    SupplierDetails.objects.update(vat_number="")
    assert shown(page(client, places="on")) == ["Course", "Webinar"]


def test_an_event_of_several_days_is_found_by_its_last(client, time_machine):
    time_machine.move_to(datetime(2027, 3, 1, 12, tzinfo=LONDON), tick=False)
    factories.event(starts=datetime(2027, 3, 9, 10, tzinfo=LONDON), hours=30, title="Two days")

    assert shown(page(client, since="2027-03-10")) == ["Two days"]
    assert shown(page(client, since="2027-03-11")) == []


def test_a_date_that_is_none(client):
    factories.event(title="Course")

    html = page(client, since="31/02/2027")

    assert "<title>Error: Training and events" in html
    assert html.count("From date must be a real date, such as 27/03/2026") == 2
    assert shown(html) == ["Course"]


def test_an_unknown_kind(client):
    assert "Choose one of the options for kind" in page(client, kind="party")


@pytest.mark.parametrize(
    ("places", "taken", "words"),
    [
        (None, 1, "Available"),
        (7, 1, "Available"),
        (6, 1, "5 places left"),
        (2, 1, "1 place left"),
        (1, 1, "Full"),
    ],
)
def test_states(client, alice, places, taken, words):
    option = factories.option(factories.event(), places=places)
    hold(option, alice)

    assert f">{words}<" in page(client)
    assert words in page(client, address(option.event))


def test_a_place_whose_time_has_run_out_is_free_again(client, alice):
    expire(hold(factories.option(factories.event(), places=1), alice))

    assert ">1 place left<" in page(client)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([(5000, "anyone")], "£60.00"),
        ([(5000, "member"), (9000, "non-member")], "Members £60.00, others £108.00"),
        (
            [(5000, "member"), (7000, "member"), (9000, "non-member")],
            "Members from £60.00, others £108.00",
        ),
        ([(5000, "anyone"), (4000, "member")], "Members from £48.00, others £60.00"),
        ([(5000, "anyone"), (9000, "anyone")], "From £60.00"),
        ([(0, "anyone")], "Free"),
        ([(0, "member"), (2500, "non-member")], "Free for members, others £30.00"),
        ([(0, "anyone"), (2500, "anyone"), (3000, "anyone")], "Free places, others from £30.00"),
        ([(5000, "member"), (0, "funded")], "£60.00"),
    ],
)
def test_prices_with_vat(client, options, words):
    event = factories.event()
    for number, (pence, audience) in enumerate(options):
        factories.option(event, f"Option {number}", price=Money(pence), audience=audience)

    html = page(client)

    assert f'event-card__price">{words}<' in html
    assert "Prices include VAT" in html


def test_prices_of_a_body_without_vat(client):
    SupplierDetails.objects.update(vat_number="")
    factories.option(factories.event(), price=Money(5000))

    html = page(client)

    assert 'event-card__price">£50.00<' in html
    assert "VAT" not in html


def no_rules():
    BookingRules.objects.all().delete()


def no_supplier():
    SupplierDetails.objects.all().delete()


def no_options():
    RegistrationOption.objects.all().delete()


@pytest.mark.parametrize("lack", [no_rules, no_supplier, no_options])
def test_what_could_not_be_ordered_is_not_offered(client, lack):
    event = factories.option(factories.event(), price=Money(5000)).event
    lack()

    in_list = page(client)
    html = page(client, address(event))

    assert "Not open yet" in in_list
    assert "Available" not in in_list + html
    assert "Full" not in in_list + html
    assert "Registration is not open yet. Ask the office when it will open." in html
    assert "Register myself" not in html
    assert shown(page(client, places="on")) == []


def test_where_the_tax_is_not_known_there_is_no_price_and_no_way_to_register(client):
    EventTax.objects.all().delete()
    event = factories.option(factories.event(), price=Money(5000)).event
    factories.option(event, "Helper", price=Money(0))

    in_list = page(client)
    html = page(client, address(event))

    assert "£" not in in_list
    assert "Not open yet" in in_list
    assert "Available" not in in_list + html
    assert "Registration is not open yet. Ask the office when it will open." in html
    assert html.count("To be announced") == 1
    assert html.count("Free") == 1
    assert "Register myself" not in html


def test_what_is_free_is_free_before_the_tax_is_known(client):
    EventTax.objects.all().delete()
    factories.option(factories.event(), price=Money(0))

    assert 'event-card__price">Free<' in page(client)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_questions_for_one_and_three(
    client_of, alice, number, django_assert_num_queries
):
    for n in range(number):
        option = factories.option(factories.event(f"event-{n}"), places=9)
        factories.option(option.event, "Another", price=Money(1))
        hold(option, alice)
    browser = client_of(alice)

    with django_assert_num_queries(7):  # session, user, body; count, events, options, rates
        browser.get(LIST)


def test_twenty_on_a_page(client):
    for n in range(21):
        factories.event(f"event-{n:02}", title=f"Course {n:02}", starts=timezone.now() + n * DAY)

    first, second = page(client, q="course"), page(client, q="course", page="2")

    assert len(shown(first)) == 20
    assert "21 events, 1 to 20 shown. Prices include VAT.\n" in first
    assert "?q=course&amp;page=2" in first
    assert shown(second) == ["Course 20"]
    assert shown(page(client, page="99")) == ["Course 20"]


# --- The page --------------------------------------------------------------------------------
def test_an_event(client):
    event = factories.event(
        starts=datetime(2027, 7, 6, 9, 30, tzinfo=LONDON),
        overview="What **counts**\n\n<script>alert(1)</script>",
        funding_link="https://www.example.org/funded",
        cpd_points="6.00",
        cpd_category="Training",
    )
    factories.option(event, "Member", price=Money(13000), audience=Audience.MEMBER)

    html = page(client, address(event))

    assert "Tuesday 6 July 2027, 9:30am\u00a0to\u00a03:30pm" in html
    assert "<strong>counts</strong>" in html
    assert "<script>alert" not in html
    assert 'href="https://www.example.org/funded"' in html
    assert "6 CPD points, Training" in html
    assert "£156.00" in html
    assert "£130.00 + VAT" in html
    assert "For members" in html
    assert factories.TERMS in html
    assert f'href="{address(event)}registration/"' in html
    assert "Register myself" in html


def test_the_price_stands_by_the_button(client, client_of, alice):
    event = factories.event()
    factories.option(event, "Member", price=Money(5000), audience=Audience.MEMBER)
    factories.option(event, "Other", price=Money(9000), audience=Audience.NON_MEMBER)
    facts = page(client, address(event)).split("event-page__facts")[1].split("</section>")[0]

    assert "<strong>Members £60.00, others £108.00</strong>" in facts
    assert "including VAT" in facts

    order(event.options.get(name="Member"), by=alice)
    facts = page(client_of(alice), address(event)).split("event-page__facts")[1]
    facts = facts.split("</section>")[0]
    assert "You are registered" in facts
    assert "Available" not in facts
    assert "£" not in facts


def test_headings_in_the_overview_stand_under_its_own(client):
    event = factories.event(overview="# What\n\n## Who\n\n### Detail")

    html = page(client, address(event))

    assert re.findall(r"<h3>(\w+)</h3>", html) == ["What", "Who"]
    assert "<h4>Detail</h4>" in html


def test_no_such_event(client):
    assert client.get("/training-and-events/none/").status_code == 404


def test_the_joining_link_is_only_for_the_registered(client, client_of, alice, bob, charlie):
    event = factories.event(place="", online_link=SECRET)
    option = factories.option(event)
    order(option, by=alice)
    hold(option, bob)

    assert SECRET in page(client_of(alice), address(event))
    for browser in (client, client_of(bob), client_of(charlie)):
        assert SECRET not in page(browser, address(event))
        assert SECRET not in page(browser)
    assert "the joining link is sent to those who are registered" in page(client, address(event))


def test_the_joining_link_is_for_the_attendee_not_for_the_booker_of_another(client_of, alice, bob):
    event = factories.event(place="", online_link=SECRET)
    submit(hold(factories.option(event), bob, by=alice))

    html = page(client_of(bob), address(event))

    assert SECRET in html
    assert "Booked by Alice Archer" in html
    assert "/orders/" not in html  # it is hers


def test_who_is_registered_finds_their_order(client_of, alice):
    event = factories.event()
    placed = order(factories.option(event), by=alice)

    html = page(client_of(alice), address(event))

    assert "You are registered" in html
    assert f"/orders/{placed.number}/" in html
    assert f"/registrations/{placed.registrations.get().pk}/event.ics" in html
    assert "Register myself" not in html


def test_who_has_it_in_the_basket_finds_the_basket(client_of, alice):
    event = factories.event()
    hold(factories.option(event), alice)

    html = page(client_of(alice), address(event))

    assert "Go to your basket" in html
    assert "Register myself" not in html


def test_full_closed_and_over(client, alice):
    now = timezone.now()
    full = factories.option(factories.event("full"), places=1)
    hold(full, alice)
    begun = factories.event("begun", starts=now - timedelta(hours=1))
    over = factories.event("over", starts=now - 9 * DAY)
    for event in (begun, over):
        factories.option(event)

    for event, words in (
        (full.event, "Every place is taken"),
        (begun, "nobody can register for it any more"),
        (over, "This event has taken place"),
    ):
        html = page(client, address(event))
        assert words in html
        assert "Register myself" not in html
        assert ("Ways to register" in html) == (event != over)


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_eight_questions_at_most(
    client_of, alice, bob, number, django_assert_num_queries
):
    event = factories.event(cpd_points=6, online_link=SECRET)
    options = [factories.option(event, f"Option {n}", places=9) for n in range(number)]
    order(options[0], by=bob)
    placed = order(options[0], by=alice)
    other = factories.event("other")
    browser = client_of(alice)

    with django_assert_num_queries(7):  # session, user, body; event, options, rates, order
        html = browser.get(address(event)).content.decode()

    assert placed.number in html
    with django_assert_num_queries(6):
        browser.get(address(other))


def test_eight_questions_for_who_was_a_member(client_of, charlie, django_assert_num_queries):
    """Membership and days of grace instead of the order."""
    factories.membership(charlie, start=timezone.now().date() - 900 * DAY)
    option = factories.option(factories.event(), audience=Audience.MEMBER)
    browser = client_of(charlie)

    with django_assert_num_queries(8):
        html = browser.get(address(option.event)).content.decode()

    assert "For members only: your membership ended on" in html


def test_the_page_counts_the_places_that_the_person_may_take(
    client, client_of, alice, bob, charlie
):
    event = factories.event()
    member = factories.option(event, "Member", audience=Audience.MEMBER, places=1)
    factories.option(event, "Non-member", audience=Audience.NON_MEMBER, places=3)

    assert "4 places left" in page(client, address(event))
    assert "1 place left</span>" in page(client_of(alice), address(event))
    hold(member, bob)

    for browser in (client, client_of(charlie)):
        html = page(browser, address(event))
        assert "3 places left</span>" in html
        assert "Register myself" in html
    html = page(client_of(alice), address(event))
    assert ">Full for members</span>" in html
    assert "No place is left for members." in html
    assert "Register myself" not in html
    assert ">3 places left<" in page(client_of(alice))  # the list counts all


def test_no_place_is_left_for_who_is_not_a_member(client_of, alice, charlie):
    event = factories.event()
    factories.option(event, "Member", audience=Audience.MEMBER)
    factories.option(event, "Non-member", audience=Audience.NON_MEMBER, places=0)

    html = page(client_of(charlie), address(event))

    assert ">Full for non-members</span>" in html
    assert "No place is left for people who are not members." in html
    assert "Register myself" not in html
    assert "Register myself" in page(client_of(alice), address(event))


def test_an_event_for_others_says_so(client, client_of, charlie):
    event = factories.option(factories.event(), audience=Audience.MEMBER).event

    html = page(client_of(charlie), address(event))

    assert ">Not open to you</span>" in html
    assert "For members only: you have no current membership." in html
    assert "Register myself" not in html
    assert "Register myself" in page(client, address(event))


def test_an_account_that_waits_sees_what_a_visitor_sees(client):
    event = factories.option(factories.event(), audience=Audience.MEMBER).event
    client.force_login(factories.account("waiting@example.org"))

    assert "Register myself" in page(client, address(event))


def test_the_filters_are_folded_until_one_is_set(client):
    def folded(address):
        html = client.get(address).content.decode()
        assert "Filter events</summary>" in html
        return '<details class="filters__fold">' in html

    assert folded("/training-and-events/")
    assert not folded("/training-and-events/?kind=training")
