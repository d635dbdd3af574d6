"""The list and the page of an event for who is signed in: their price, their place."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.billing.models import SupplierDetails
from portal.core.money import Money
from portal.events.models import Audience, EventTax
from portal.events.scheduling import Planned, follow_sessions, set_sessions
from tests import factories
from tests.events.acts import hold, order, submit
from tests.events.test_catalogue import LIST, address, badges_of, page, prices_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def event():
    made = factories.event()
    factories.option(made, "Member", price=Money(7500), audience=Audience.MEMBER, position=1)
    factories.option(made, "Other", price=Money(11000), audience=Audience.NON_MEMBER, position=2)
    factories.option(made, "Funded", price=Money(0), audience=Audience.FUNDED, position=3)
    return made


def mark(html):
    """The words that stand where the price would, and where they lead."""
    found = re.search(r'class="event-card__mark"\s+href="([^"]+)">(.*?)</a>', html)
    return (re.sub("<.*?>", "", found[2]), found[1]) if found else None


def folded(html):
    """What stands under “Other options”, as words; None where nothing does."""
    if "<summary>Other options" not in html:
        return None
    return " ".join(re.sub("<.*?>", " ", html.split("Other options</summary>")[1]).split())


# --- The price -------------------------------------------------------------------------------
def test_a_member_and_a_customer_each_see_their_price(client, client_of, alice, charlie, event):
    for who, price in ((alice, ["Your price £90.00"]), (charlie, ["Your price £132.00"])):
        assert prices_of(page(client_of(who))) == price
        assert prices_of(page(client_of(who), address(event))) == price
    assert prices_of(page(client)) == ["Members £90.00", "Others £132.00"]


def test_in_the_days_of_grace_it_is_still_that_of_a_member(client_of, charlie, event):
    factories.membership(charlie, start=timezone.now().date() - 374 * DAY)

    assert prices_of(page(client_of(charlie))) == ["Your price £90.00"]


def test_who_was_a_member_pays_what_others_pay(client_of, charlie, event):
    factories.membership(charlie, start=timezone.now().date() - 900 * DAY)

    assert prices_of(page(client_of(charlie))) == ["Your price £132.00"]


def test_it_is_that_of_the_options_with_a_place_left(client_of, alice, bob):
    event = factories.event()
    early = factories.option(event, "Early", price=Money(5000), audience=Audience.MEMBER, places=1)
    factories.option(event, "Later", price=Money(9000), audience=Audience.MEMBER, position=1)
    assert prices_of(page(client_of(alice))) == ["Your price from £60.00"]

    hold(early, bob)

    for where in (LIST, address(event)):
        assert prices_of(page(client_of(alice), where)) == ["Your price £108.00"]


def test_where_all_is_full_it_is_still_said(client_of, alice, bob):
    option = factories.option(factories.event(), price=Money(5000), places=1)
    hold(option, bob)

    html = page(client_of(alice))

    assert prices_of(html) == ["Your price £60.00"]
    assert badges_of(html) == ["Full"]


def test_what_costs_a_member_nothing(client_of, alice, charlie):
    event = factories.event()
    factories.option(event, "Member", price=Money(0), audience=Audience.MEMBER)
    factories.option(event, "Other", price=Money(2500), audience=Audience.NON_MEMBER)

    assert prices_of(page(client_of(alice))) == ["Free for you"]
    assert prices_of(page(client_of(charlie))) == ["Your price £30.00"]


def test_who_may_take_none_of_the_options_sees_the_prices_of_others(client_of, charlie):
    factories.option(factories.event(), price=Money(5000), audience=Audience.MEMBER)

    html = page(client_of(charlie))

    assert prices_of(html) == ["£60.00"]
    assert badges_of(html) == ["Not open to you"]


def test_without_vat_and_where_no_tax_is_known(client_of, alice, event):
    SupplierDetails.objects.update(vat_number="")
    assert prices_of(page(client_of(alice))) == ["Your price £75.00"]

    SupplierDetails.objects.update(vat_number="GB 123 4567 82")
    EventTax.objects.all().delete()
    assert prices_of(page(client_of(alice))) == []


def test_an_account_that_waits_sees_what_a_visitor_sees(client, event):
    client.force_login(factories.account("waiting@example.org"))

    assert prices_of(page(client)) == ["Members £90.00", "Others £132.00"]


# --- A place of one's own --------------------------------------------------------------------
def test_who_is_registered_is_led_to_their_order(client, client_of, alice, bob, event):
    placed = order(event.options.get(name="Member"), by=alice)

    html = page(client_of(alice))

    assert mark(html) == ("You are registered: Debt relief orders", f"/orders/{placed.number}/")
    assert prices_of(html) == []
    for browser in (client, client_of(bob)):
        assert mark(page(browser)) is None


def test_who_was_registered_by_another_is_led_to_the_event(client_of, alice, bob, event):
    submit(hold(event.options.get(name="Member"), bob, by=alice))

    assert mark(page(client_of(bob))) == ("You are registered: Debt relief orders", address(event))
    assert mark(page(client_of(alice))) is None


def test_a_place_that_was_cancelled_is_none(client_of, alice, event):
    placed = order(event.options.get(name="Member"), by=alice).registrations.get()
    placed.cancelled_at, placed.cancelled_by, placed.cancelled_because = timezone.now(), "x", "x"
    placed.save()

    assert mark(page(client_of(alice))) is None


def test_what_is_in_the_basket_is_led_to_it(client_of, alice, bob, event):
    hold(event.options.get(name="Member"), alice)

    assert mark(page(client_of(alice))) == ("In your basket: Debt relief orders", "/basket/")
    assert mark(page(client_of(bob))) is None
    assert prices_of(page(client_of(alice), address(event))) == []


# --- Options of others, and sessions ---------------------------------------------------------
def test_options_for_others_are_folded_and_say_why(client, client_of, alice, charlie, event):
    html = page(client_of(alice), address(event))
    assert html.index("Ways to register") < html.index(">Member<") < html.index("Other options")
    assert html.index("Other options") < html.index(">Other<")
    assert folded(html).startswith(
        "Other options Registration option Price Other For people who are not members: members "
        "take a member’s place £132.00"
    )
    assert "<details>" in html

    html = page(client_of(charlie), address(event))
    assert "For members only: you have no current membership" in folded(html)
    assert folded(page(client, address(event))) is None


def test_where_no_option_is_for_them_the_others_are_unfolded(client_of, charlie):
    event = factories.option(factories.event(), "Member", audience=Audience.MEMBER).event

    html = page(client_of(charlie), address(event))

    assert "<details open>" in html
    assert "For members only: you have no current membership" in folded(html)


def test_what_each_option_covers_of_the_sessions_is_said(client, event):
    start = event.starts.replace(hour=9)
    days = [start, start + DAY, start + 2 * DAY]
    set_sessions(event, [Planned(f"Day {n}", d, d + HOUR) for n, d in enumerate(days, start=1)])
    follow_sessions(event)
    some, one = factories.option(event, "First two"), factories.option(event, "One day")
    some.sessions.set(event.sessions.exclude(name="Day 3"))
    one.choose = 1
    one.save()

    html = page(client, address(event))
    said = re.findall(r'options__name">(.*?)<.*?options__detail">(.*?)<', html, re.DOTALL)

    assert dict(said) | {"First two": "Day 1 and Day 2", "One day": "1 of the sessions"} == dict(
        said
    )
    assert "All sessions" in [what for _, what in said]


def test_an_event_of_several_sessions_lists_them(client, event):
    assert ">Sessions<" not in page(client, address(event))
    start = event.starts.replace(hour=9)
    set_sessions(
        event,
        [
            Planned("Morning", start, start + timedelta(hours=2), cpd_points=1),
            Planned("Workshops", start + DAY, start + DAY + timedelta(hours=3)),
        ],
    )
    event.sessions.filter(name="Workshops").update(place="Room 4")

    html = page(client, address(event))
    shown = " ".join(re.sub("<.*?>", " ", html.split(">Sessions<")[1].split("</ul>")[0]).split())

    words = [word for word in ("Morning", "1 CPD point ", "Workshops", ", Room 4") if word in shown]
    assert words == ["Morning", "1 CPD point ", "Workshops", ", Room 4"]
    assert shown.index("Morning") < shown.index("Workshops")
    assert shown.count("day ") == 2  # each with its own
