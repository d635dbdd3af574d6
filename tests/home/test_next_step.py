"""The one next step of the front page: the first of what waits, in one order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.billing.accounts import account_of, add_contact
from portal.core.dates import short_date, today
from portal.core.money import Money
from portal.events.models import Hold
from portal.home.front_page import overview
from portal.home.next_step import next_step
from tests import factories
from tests.billing.raising import line, pay, raised
from tests.home.test_activity import registered

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def step(person):
    at = timezone.now()
    return next_step(overview(person, at), at=at)


def organisation_of(person, *, at=None):
    """An invoice of Fern Advice, whose contact the person is."""
    fern = factories.organisation()
    account = account_of(fern, at=timezone.now())
    account.address = "1 Fern Street"
    account.save()
    add_contact(account, person=person, actor="sam", at=timezone.now())
    return raised(fern, line("200"), at=at)


def test_of_all_that_waits_the_first_is_told_and_then_the_next(alice):
    now, today_ = timezone.now(), today()
    terms = alice.membership.terms
    terms.update(start=today_ - 370 * DAY, end=today_ - 5 * DAY)
    mine_late, theirs_late = (
        raised(alice, at=now - 60 * DAY),
        organisation_of(alice, at=now - 59 * DAY),
    )
    mine, theirs = raised(alice), organisation_of(alice)
    soon = registered(alice, factories.event("soon", starts=now + 9 * DAY))
    on_today = registered(alice, factories.event("today", starts=now - timedelta(minutes=1)))
    factories.hold(alice, factories.option(factories.event("other")))

    done = [
        ("Finish your order", Hold.objects.all().delete),
        ("Your event is today", on_today.delete),
        ("Pay an overdue invoice", lambda: pay(mine_late)),
        (
            "Renew your membership",
            lambda: terms.update(start=today_ - 800 * DAY, end=today_ - 500 * DAY),
        ),
        ("Pay an overdue invoice", lambda: pay(theirs_late)),
        ("Pay your invoice", lambda: pay(mine)),
        ("Pay your organisation’s invoice", lambda: pay(theirs)),
        ("Join again", lambda: terms.update(end=today_ + 99 * DAY)),
        ("Your next event", soon.delete),
        ("Find your next event", lambda: None),
    ]
    told = []
    for _, do in done:
        told.append(step(alice).title)
        do()

    assert told == [title for title, _ in done]


def test_an_overdue_invoice_of_ones_own_is_named_and_led_to(alice):
    mine = raised(alice, line("75"), at=timezone.now() - 50 * DAY)

    found = step(alice)

    assert found.text == f"Invoice {mine.number}: £90.00 was due on {short_date(mine.due_on)}."
    assert (found.link_text, found.url) == ("See how to pay", f"/invoices/{mine.number}/")


def test_an_invoice_of_an_organisation_is_never_the_person_s(alice):
    theirs = organisation_of(alice)

    found = step(alice)

    assert found.text.startswith(f"Fern Advice: invoice {theirs.number}: £240.00 is due on ")


def test_today_one_joins_online(alice):
    link = "https://meet.example.org/room"
    event = factories.event(
        starts=timezone.now() - timedelta(minutes=5), place="", online_link=link
    )
    registered(alice, event)

    assert (step(alice).link_text, step(alice).url) == ("Join online", link)


def test_an_empty_basket_is_no_step(alice, client_of):
    option = factories.option(factories.event(), price=Money(0))
    factories.order(alice, option)

    assert step(alice).title == "Your next event"


def test_the_page_shows_it_once_as_its_only_primary_button(alice, client_of):
    pay(raised(alice))

    html = client_of(alice).get("/").text

    assert html.count("button--primary") == 1
    assert html.index("Find your next event") < html.index("Your membership")


def test_a_letter_to_the_office_names_the_member(charlie, client_of):
    factories.membership(charlie, number="77", start=today() - 900 * DAY)

    assert (
        'href="mailto:office@example.org?subject=Joining%20again%2C%20membership%20number%2077"'
        in client_of(charlie).get("/").text
    )


class TestWhoOwes:
    """What an organisation owes is said to be owed by the organisation: front page and Activity."""

    def test_each_owes_its_own(self, alice, client_of):
        organisation_of(alice, at=timezone.now() - 60 * DAY)
        raised(alice, line("10"))
        organisation_of(alice)

        front, activity = (words(client_of(alice).get(path)) for path in ("/", ACTIVITY))

        assert "£12.00 to pay on 1 open invoice" in front
        assert "Your organisation, Fern Advice, owes £480.00 on 2 open invoices" in front
        assert "You owe £12.00 on 1 invoice." in activity
        assert (
            "Your organisation, Fern Advice, owes £480.00 on 2 invoices, 1 of them overdue."
            in activity
        )

    def test_a_contact_who_owes_nothing_has_nothing_to_pay(self, alice, client_of):
        organisation_of(alice)

        front, activity = (words(client_of(alice).get(path)) for path in ("/", ACTIVITY))

        assert "You have nothing to pay." in front
        assert "You owe" not in activity
        assert "Your organisation, Fern Advice, owes £240.00 on 1 invoice." in activity

    def test_a_colleague_who_is_no_contact_hears_nothing_of_it(self, alice, bob, client_of):
        organisation_of(alice)

        for path in ("/", ACTIVITY):
            assert "Fern Advice, owes" not in words(client_of(bob).get(path))
        assert "Nothing is owed." in words(client_of(bob).get(ACTIVITY))


ACTIVITY = "/account/activity/"


def words(response):
    import re
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", "", response.text)).split())
