"""The tab Activity (guide, sections 5 and 6)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from portal.core.dates import short_date
from portal.core.models import Body
from portal.core.money import Money
from portal.events.models import Basket, Order, Registration
from tests import factories
from tests.billing.raising import line, pay, raised

pytestmark = pytest.mark.django_db

ADDRESS = "/account/activity/"


def registered(attendee, event, *, booked_by=None):
    """A free place of the attendee, as booking leaves it."""
    now = timezone.now()
    by = booked_by or attendee
    basket = Basket.objects.create(owner=by, held_since=now, expires_at=now, closed_at=now)
    return Registration.objects.create(
        attendee=attendee,
        event=event,
        option=event.options.first() or factories.option(event),
        agreed_terms="Terms",
        order=Order.objects.create(basket=basket, booked_by=by, placed_at=now),
        net=Money(0),
        registered_at=now,
    )


def past(code, days=30, **details):
    return factories.event(code, starts=timezone.now() - timedelta(days=days), **details)


def sections(response):
    """The words of each section by its heading."""
    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    found = {}
    for part in html.split("<h2")[1:]:
        heading, rest = re.match(r"[^>]*>(.*?)</h2>(.*)", part, re.S).groups()
        found[heading] = " ".join(unescape(re.sub(r"<[^>]+>", " ", rest)).split())
    return found


class TestEmpty:
    def test_it_says_what_would_be_here(self, charlie, client_of):
        shown = sections(client_of(charlie).get(ADDRESS))

        assert list(shown) == ["Open invoices", "Upcoming events", "Previous events"]
        assert shown["Open invoices"].startswith("No open invoices")
        assert shown["Upcoming events"].startswith("No upcoming events")
        assert shown["Previous events"].startswith("No previous events")

    def test_a_visitor_signs_in_first(self, client):
        assert client.get(ADDRESS).url == f"/sign-in/?next={ADDRESS}"


class TestInvoices:
    def test_open_ones_are_on_top_then_the_paid_ones(self, alice, client_of):
        first = raised(alice, line(description="Debt relief orders"))
        part = raised(alice, line(), line(), line())
        paid = raised(alice, line("50", description="Handbook"))
        pay(part, "20")
        pay(paid)

        shown = sections(client_of(alice).get(ADDRESS))

        assert list(shown)[:2] == ["Open invoices", "Paid invoices"]
        day, due = short_date(first.issued_on), short_date(first.due_on)
        assert shown["Open invoices"].endswith(
            f"{first.number} {day} Debt relief orders £120.00 Open due {due} "
            f"{part.number} {day} Debt relief orders and 2 more £360.00 Part paid "
            f"£340.00 left to pay, due {due}"
        )
        assert shown["Paid invoices"].endswith(f"{paid.number} {day} Handbook £60.00 Paid")

    def test_the_number_leads_to_the_invoice(self, alice, client_of):
        invoice = raised(alice)

        html = client_of(alice).get(ADDRESS).content.decode()

        assert f'<a href="/invoices/{invoice.number}/">{invoice.number}</a>' in html

    def test_the_one_due_first_comes_first(self, alice, client_of):
        late = raised(alice, at=timezone.now() - timedelta(days=50))
        later = raised(alice)

        words = sections(client_of(alice).get(ADDRESS))["Open invoices"]

        assert words.index(late.number) < words.index(later.number)
        assert words.count("Overdue") == 1

    @pytest.mark.parametrize("note", ["", "Older invoices: ask the office."])
    def test_the_sentence_on_legacy_invoices(self, alice, client_of, note):
        Body.objects.update(legacy_invoices_note=note)
        client = client_of(alice)
        without = sections(client.get(ADDRESS))["Open invoices"]
        raised(alice)
        with_one = sections(client.get(ADDRESS))["Open invoices"]

        expected = int(bool(note))
        assert without.count("Older invoices: ask the office.") == expected
        assert with_one.count("Older invoices: ask the office.") == expected

    def test_many_paid_ones_are_shown_on_request(self, alice, client_of):
        numbers = []
        for _ in range(12):
            invoice = raised(alice)
            pay(invoice)
            numbers.append(invoice.number)
        client = client_of(alice)

        some = client.get(ADDRESS)
        everything = client.get(ADDRESS, {"show": "invoices"})

        shown = sections(some)["Paid invoices"]
        assert [number in shown for number in reversed(numbers)] == [True] * 10 + [False] * 2
        assert "?show=invoices#paid-invoices" in some.content.decode()
        shown = sections(everything)["Paid invoices"]
        assert all(number in shown for number in numbers)
        assert "Show all paid invoices" in some.content.decode()
        assert "Show all paid invoices" not in everything.content.decode()


class TestEvents:
    def test_upcoming_and_previous(self, alice, bob, client_of):
        soon = factories.event(
            "energy",
            title="Energy debt",
            place="",
            online_link="https://meet.example.org/energy",
            cpd_points="1.5",
            starts=timezone.now() + timedelta(days=5),
        )
        later = factories.event("orders", cpd_points=6)
        over = past("bankruptcy", title="Bankruptcy", online_link="https://meet.example.org/over")
        booked = registered(alice, soon, booked_by=bob)
        registered(alice, later)
        registered(alice, over)

        response = client_of(alice).get(ADDRESS)
        shown = sections(response)
        html = response.content.decode()

        upcoming = shown["Upcoming events"]
        assert upcoming.index("Energy debt Booked by Bob Brook") < upcoming.index(
            "Debt relief orders"
        )
        assert upcoming.count("Booked by") == 1
        assert "Add Energy debt to calendar Join Energy debt online 1.5" in upcoming
        assert "Add Debt relief orders to calendar Leeds 6" in upcoming
        assert 'href="https://meet.example.org/energy"' in html
        assert f'href="/registrations/{booked.pk}/event.ics"' in html
        assert 'href="/training-and-events/energy/"' in html
        assert shown["Previous events"].endswith("Leeds –")
        assert "Bankruptcy" in shown["Previous events"]
        assert "meet.example.org/over" not in html

    def test_an_event_is_upcoming_until_it_ends(self, alice, client_of):
        now = timezone.now()
        registered(alice, factories.event("on", title="Going on", starts=now - timedelta(hours=1)))
        registered(
            alice, factories.event("over", title="Just over", starts=now - timedelta(hours=7))
        )

        shown = sections(client_of(alice).get(ADDRESS))

        assert "Going on" in shown["Upcoming events"]
        assert "Just over" in shown["Previous events"]

    def test_many_previous_ones_are_shown_on_request(self, alice, client_of):
        for n in range(12):
            registered(alice, past(f"e{n}", days=10 + n, title=f"Past {n:02d}."))
        client = client_of(alice)

        shown = sections(client.get(ADDRESS))["Previous events"]
        assert [f"Past {n:02d}." in shown for n in range(12)] == [True] * 10 + [False] * 2
        assert shown.endswith("Show all previous events")

        shown = sections(client.get(ADDRESS, {"show": "events"}))["Previous events"]
        assert all(f"Past {n:02d}." in shown for n in range(12))
        assert "Show all" not in shown


def test_what_belongs_to_others_does_not_show(alice, bob, client_of):
    theirs = raised(bob, line(description="Secret course", beneficiary=alice))
    event = factories.event("secret", title="Secret event")
    registered(bob, event, booked_by=alice)

    html = client_of(alice).get(ADDRESS).content.decode()

    assert theirs.number not in html
    assert "Secret" not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(alice, bob, client_of, django_assert_num_queries, rows):
    for n in range(rows):
        raised(alice)
        pay(raised(alice, line(), line()), "1")
        pay(raised(alice))
        registered(alice, factories.event(f"next{n}"), booked_by=bob)
        registered(alice, past(f"past{n}"))
    client = client_of(alice)

    with django_assert_num_queries(7):
        client.get(ADDRESS)

    day = factories.event("days", starts=timezone.now() + timedelta(days=3))
    Registration.objects.filter(pk=registered(alice, day).pk).update(is_partial=True)
    with django_assert_num_queries(8):
        client.get(ADDRESS)


def test_the_tabs(alice, client_of):
    html = client_of(alice).get(ADDRESS).content.decode()

    tabs = re.findall(r'class="tabs__link"\s+href="([^"]+)"(.*?)>(.*?)</a>', html, re.S)
    assert [(address, text, "aria-current" in current) for address, current, text in tabs] == [
        ("/account/", "About me", False),
        (ADDRESS, "Activity", True),
    ]
