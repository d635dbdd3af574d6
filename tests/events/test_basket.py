"""The basket: lines, prices, until when, taking out, its number in the heading."""

import re
from datetime import datetime, timedelta

import pytest

from portal.core.dates import LONDON
from portal.core.models import HistoryEntry
from portal.core.money import Money
from portal.events.models import Audience, EventTax, Hold
from tests import factories
from tests.events.acts import expire, hold, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
BASKET = "/basket/"


def page(browser):
    response = browser.get(BASKET)
    assert response.status_code == 200
    return response.content.decode()


def words(html):
    """The page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def removal(kept):
    return f"/basket/{kept.pk}/removal/"


def test_the_lines_with_price_and_the_end_of_the_hold(client_of, alice, time_machine):
    time_machine.move_to(datetime(2027, 7, 1, 14, 5, tzinfo=LONDON), tick=False)
    hold(factories.option(factories.event("one", title="One"), price=Money(5000)), alice)
    basket = hold(factories.option(factories.event("two", title="Two"), price=Money(0)), alice)

    html = page(client_of(alice))

    assert "Your places are held until" in html
    assert ">2:35pm</time>." in html
    assert html.index(">One<") < html.index(">Two<")
    assert "£60.00" in html
    assert "£50.00 + VAT" in html
    assert words(html).count("Total £60.00 including £10.00 VAT") == 1
    assert 'href="/checkout/"' in html
    assert "Proceed to checkout" in html
    assert "Add another event" in html
    assert removal(basket.holds.first()) in html


def test_an_empty_basket(client_of, alice):
    html = page(client_of(alice))

    assert "Your basket is empty" in html
    assert "Steps of your booking" not in html
    assert "Proceed to checkout" not in html


def test_an_expired_basket_whose_place_is_free(client_of, alice):
    expire(hold(factories.option(factories.event(), places=1), alice))

    html = page(client_of(alice))

    assert "Your place is no longer held" in html
    assert "still free: you can go on and order it now" in html
    assert "Proceed to checkout" in html


def test_an_expired_basket_whose_place_is_taken(client_of, alice, bob):
    option = factories.option(factories.event(), places=1)
    expire(hold(option, alice))
    hold(option, bob)

    html = page(client_of(alice))

    assert "it cannot be ordered now: beneath is why" in html
    assert "This event is now full. Nothing has been ordered." in html


def test_a_lost_place_in_a_basket_that_is_held_again(client_of, alice, bob):
    first = factories.option(factories.event("one", title="One"), places=1)
    expire(hold(first, alice))
    hold(first, bob)
    hold(factories.option(factories.event("two", title="Two")), alice)

    html = page(client_of(alice))

    assert "held until" in html
    assert html.count("This event is now full. Nothing has been ordered.") == 1


def test_taking_a_line_out(client_of, alice):
    option = factories.option(factories.event(title="One course"))
    kept = hold(option, alice).holds.get()
    browser = client_of(alice)

    response = browser.post(removal(kept), follow=True)

    assert response.redirect_chain == [(BASKET, 302)]
    html = response.content.decode()
    assert "“One course” is no longer in your basket." in html
    assert "Your basket is empty" in html
    assert not Hold.objects.exists()


def test_the_second_of_two_clicks_leads_where_the_first_did(client_of, alice):
    kept = hold(factories.option(factories.event(title="One course")), alice).holds.get()
    browser = client_of(alice)

    pages = [browser.post(removal(kept), follow=True) for _ in range(2)]

    assert [page.redirect_chain for page in pages] == [[(BASKET, 302)]] * 2
    told = ["no longer in your basket" in page.content.decode() for page in pages]
    assert told == [True, False]
    assert HistoryEntry.objects.filter(act="place released").count() == 1


def test_only_by_post(client_of, alice):
    kept = hold(factories.option(factories.event()), alice).holds.get()

    assert client_of(alice).get(removal(kept)).status_code == 405
    assert Hold.objects.exists()


def test_a_stranger_finds_nothing(client_of, client, alice, charlie):
    kept = hold(factories.option(factories.event(title="Alice’s course")), alice).holds.get()

    # As for a line that there is not: nobody learns which there are.
    for path in (removal(kept), f"/basket/{kept.pk + 1}/removal/"):
        answer = client_of(charlie).post(path)
        assert (answer.status_code, answer["Location"]) == (302, BASKET)
    assert "Alice’s course" not in page(client_of(charlie))
    assert client.get(BASKET).status_code == 302
    assert client.post(removal(kept)).status_code == 302
    assert Hold.objects.exists()


def test_what_was_ordered_is_not_in_the_basket(client_of, alice):
    basket = hold(factories.option(factories.event()), alice)
    kept = basket.holds.get()
    submit(basket)

    assert "Your basket is empty" in page(client_of(alice))
    response = client_of(alice).post(removal(kept), follow=True)
    assert response.redirect_chain == [(BASKET, 302)]
    assert "no longer in your basket" not in response.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_basket_asks_the_same_questions_for_one_and_three(
    client_of, alice, number, django_assert_num_queries
):
    for n in range(number):
        hold(factories.option(factories.event(f"event-{n}"), places=9), alice)
    browser = client_of(alice)

    with django_assert_num_queries(7):  # session, user, person, body; basket, lines, rates
        page(browser)


def test_the_number_in_the_heading(client_of, alice):
    hold(factories.option(factories.event("one")), alice)
    hold(factories.option(factories.event("two")), alice)
    browser = client_of(alice)  # the basket was filled on another machine

    html = browser.get("/training-and-events/").content.decode()

    assert 'site-header__count">2<' in html
    browser.post(removal(Hold.objects.first()))
    assert 'site-header__count">1<' in browser.get("/training-and-events/").content.decode()
    browser.post(removal(Hold.objects.get()))
    assert "site-header__count" not in browser.get("/training-and-events/").content.decode()


def test_a_visitor_has_no_basket_and_no_session(client):
    assert "site-header__count" not in client.get("/training-and-events/").content.decode()
    assert "portal_session" not in client.cookies


def test_two_hours_at_most_in_the_page(client_of, alice, time_machine):
    start = datetime(2027, 7, 1, 9, 0, tzinfo=LONDON)
    for n in range(5):
        time_machine.move_to(start + timedelta(minutes=25 * n), tick=False)
        hold(factories.option(factories.event(f"event-{n}")), alice)

    assert ">11am</time>" in page(client_of(alice))


@pytest.mark.parametrize("address", [BASKET, "/checkout/"])
def test_where_the_office_has_not_said_how_it_is_taxed(client_of, alice, address, caplog):
    hold(factories.option(factories.event()), alice)
    EventTax.objects.all().delete()

    response = client_of(alice).get(address)

    html = response.content.decode()
    assert response.status_code == 200
    assert "Orders can’t be taken just now" in html
    assert "The office has not finished setting up prices" in html
    assert 'href="/help/"' in html
    assert "Submit order" not in html
    assert "There is no tax for this kind of event" in caplog.text
    assert Hold.objects.count() == 1


def test_only_the_option_is_full(client_of, alice, bob):
    event = factories.event()
    member = factories.option(event, "Early", places=1)
    factories.option(event, "Usual", places=None)
    expire(hold(member, alice))
    hold(member, bob)

    html = page(client_of(alice))

    assert "“Early” is now full. Choose another option" in html
    assert "This event is now full" not in html
    assert f'href="/training-and-events/{event.code}/registration/"' in html


def test_the_option_left_is_not_for_this_person(client_of, alice, bob):
    event = factories.event()
    anyone = factories.option(event, "Early", places=1)
    factories.option(event, "Others", audience=Audience.NON_MEMBER)
    expire(hold(anyone, alice))
    hold(anyone, bob)

    html = page(client_of(alice))

    assert "“Early” is now full, and no other option is open to you." in html
    assert "This event is now full" not in html


def test_taking_a_line_out_is_in_the_history(client_of, alice):
    kept = hold(factories.option(factories.event(), "Member"), alice).holds.get()

    client_of(alice).post(removal(kept))

    entry = HistoryEntry.objects.get(act="place released")
    assert (entry.actor_id, entry.object_id) == (str(alice.pk), str(kept.pk))
    assert entry.detail == {"option": "Member"}


@pytest.mark.parametrize("page_of", [BASKET, "/checkout/"])
def test_how_many_places_are_held_follows_from_the_holds(client_of, alice, bob, page_of):
    """One was taken while the basket had expired, and is free again later; the others are held."""
    lost = factories.option(factories.event("lost"), places=1)
    hold(factories.option(factories.event("kept")), alice)
    expire(hold(lost, alice))
    others = hold(lost, bob)
    hold(factories.option(factories.event("new")), alice)
    browser = client_of(alice)

    some_and_full = words(browser.get(page_of).text)
    others.holds.all().delete()
    some_and_free = words(browser.get(page_of).text)
    Hold.objects.filter(option=lost).update(lost_at=None)
    every = words(browser.get(page_of).text)
    for basket in alice.baskets.all():
        expire(basket)
    none = words(browser.get(page_of).text)

    assert "2 of your 3 places are held until" in some_and_full
    assert some_and_full.count("This event is now full.") == 1
    assert "2 of your 3 places are held until" in some_and_free
    assert some_and_free.count("This place is not held. It is still free:") == 1
    assert "Your places are held until" in every
    assert "This place is not held" not in every
    assert "held until" not in none
    assert "Your places are no longer held" in none


def test_the_one_place_of_a_basket_that_is_lost_is_not_held(client_of, alice, bob):
    """The basket’s time runs, but its hold keeps nothing."""
    option = factories.option(factories.event(), places=1)
    hold(option, alice)
    Hold.objects.update(lost_at=datetime(2026, 1, 1, tzinfo=LONDON))
    hold(option, bob)

    html = words(page(client_of(alice)))

    assert "held until" not in html
    assert "Your place is no longer held" in html
    assert "This event is now full." in html


def test_without_an_address_nothing_is_promised_of_a_place_that_has_run_out(client_of, bob):
    expire(hold(factories.option(factories.event()), bob))
    bob.addresses.all().delete()

    html = words(client_of(bob).get("/checkout/").text)

    assert "We have no address for your invoice yet." in html
    assert "is held" not in html
