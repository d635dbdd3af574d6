"""Confirmation, order page and calendar file: whose they are, and what they say."""

from datetime import datetime

import icalendar
import pytest

from portal.core.dates import LONDON, short_date
from portal.core.money import Money
from portal.events.models import Audience, Order
from tests import factories
from tests.events.acts import hold, order, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SECRET = "https://meet.example.org/secret-room"


@pytest.fixture
def option():
    event = factories.event(
        "course",
        title="A course",
        place="",
        online_link=SECRET,
        starts=datetime(2027, 7, 6, 9, 30, tzinfo=LONDON),
        hours=6.5,
    )
    return factories.option(event, "Member", price=Money(13000))


@pytest.fixture
def placed(alice, option):
    return submit(hold(option, alice, special_requirements="Vegan"))


def pages(found):
    number = found.number
    return [f"/orders/{number}/", f"/orders/{number}/confirmation/"]


def row(html, key):
    """What stands beside a key of a summary list."""
    value = html.split(f">{key}</dt>")[1].split("</dd>")[0]
    return value.split(">", 1)[1].strip()


def calendar(found):
    return f"/registrations/{found.registrations.get().pk}/event.ics"


def test_the_confirmation(client_of, alice, placed):
    html = client_of(alice).get(pages(placed)[1]).content.decode()

    assert f'<a href="/orders/{placed.number}/">{placed.number}</a>' in html
    assert f'<a href="/invoices/{placed.invoice.number}/">{placed.invoice.number}</a>' in html
    assert "sent to you at alice@example.org" in html
    assert "What happens next" in html
    assert SECRET in html
    assert "Your place is booked." in html
    assert f"Pay by bank transfer or cheque by {short_date(placed.invoice.due_on)}:" in html
    assert row(html, "Where") == "Online"
    assert row(html, "Who") == "Alice Archer"


def test_the_confirmation_of_several_has_a_part_for_each(client_of, alice):
    options = [factories.option(factories.event(n, title=n.title())) for n in ("one", "two")]
    placed = order(*options, by=alice)

    html = client_of(alice).get(pages(placed)[1]).content.decode()
    first, second = html.split('aria-labelledby="place-')[1:]

    assert "Order number" not in first + second
    for part, registration in zip(
        (first, second), placed.registrations.order_by("pk"), strict=True
    ):
        assert f">{registration.event.title}</a>" in part.split("</h2>")[0]
        assert row(part, "Where") == "Leeds"
        assert f"/registrations/{registration.pk}/event.ics" in part.split("</section>")[0]


@pytest.mark.parametrize(
    ("own", "typed", "shown"),
    [("PO-77", "PO-9", "PO-9"), ("PO-77", "PO-77", "PO-77"), ("PO-77", "", "None")],
)
def test_the_purchase_order_number_of_the_invoice(client_of, alice, option, own, typed, shown):
    alice.purchase_order_number = own
    alice.save()
    placed = submit(hold(option, alice), purchase_order=typed)

    for address in pages(placed):
        html = client_of(alice).get(address).content.decode()
        assert row(html, "Purchase order number") == shown


def test_the_order_page_has_its_invoice_at_the_bottom(client_of, alice, placed):
    html = client_of(alice).get(pages(placed)[0]).content.decode()
    main = html.split("<main")[1].split("</main>")[0]

    for words in (
        "A course",
        "Vegan",
        "Member",
        SECRET,
        "£156.00 (£130.00 + VAT)",
        calendar(placed),
    ):
        assert words in main
    link = f'<a href="/invoices/{placed.invoice.number}/">{placed.invoice.number}</a>'
    assert main.index(link) > main.index(calendar(placed))
    assert factories.TERMS in main


def test_a_free_order_says_so(client_of, alice):
    placed = order(factories.option(factories.event(), price=Money(0)), by=alice)
    browser = client_of(alice)

    assert "there is nothing to pay" in browser.get(pages(placed)[1]).content.decode()
    assert "so there is no invoice" in browser.get(pages(placed)[0]).content.decode()


def test_the_declaration_is_shown_to_who_made_it(client_of, alice):
    option = factories.option(factories.event(), audience=Audience.FUNDED, price=Money(0))
    placed = order(option, by=alice)

    assert factories.DECLARATION in client_of(alice).get(pages(placed)[0]).content.decode()


def test_nobody_else_finds_them(client_of, client, alice, bob, charlie, sam, placed):
    for address in [*pages(placed), calendar(placed)]:
        assert client_of(alice).get(address).status_code == 200
        for other in (bob, charlie, sam):
            assert client_of(other).get(address).status_code == 404
        assert client.get(address).status_code == 302


def test_the_attendee_gets_the_calendar_file_but_not_the_bookers_order(client_of, alice, bob):
    placed = submit(hold(factories.option(factories.event()), bob, by=alice))

    for who in (alice, bob):
        assert client_of(who).get(calendar(placed)).status_code == 200
    for address in pages(placed):
        assert client_of(bob).get(address).status_code == 404


@pytest.mark.parametrize(
    "number", ["ORD-999999", "000001", "ORD-1", "ord-000001", "ORD-0000001", "ORD-" + "9" * 40]
)
def test_no_such_order(client_of, alice, placed, number):
    assert placed.number == f"ORD-{placed.pk:06}"
    assert client_of(alice).get(f"/orders/{number}/").status_code == 404


def test_numbers_beyond_a_million(placed):
    assert Order(pk=1234567).number == "ORD-1234567"
    assert list(Order.objects.numbered(placed.number)) == [placed]


@pytest.mark.parametrize("number", [1, 3])
def test_the_order_asks_the_same_questions_for_one_and_three(
    client_of, alice, number, django_assert_num_queries
):
    options = [factories.option(factories.event(f"event-{n}")) for n in range(number)]
    placed = order(*options, by=alice)
    browser = client_of(alice)

    for address in pages(placed):
        with django_assert_num_queries(6):  # session, user, person, body; order, registrations
            browser.get(address)


# --- The calendar file -----------------------------------------------------------------------
def entry(browser, found):
    response = browser.get(calendar(found))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="course.ics"'
    return icalendar.Calendar.from_ical(response.content).walk("VEVENT")[0]


def test_the_calendar_file(client_of, alice, placed):
    found = entry(client_of(alice), placed)

    assert found["SUMMARY"] == "A course"
    assert found.decoded("DTSTART") == datetime(2027, 7, 6, 9, 30, tzinfo=LONDON)
    assert found["DTSTART"].to_ical() == b"20270706T083000Z"
    assert found["DTEND"].to_ical() == b"20270706T150000Z"
    assert found["LOCATION"] == "Online"
    assert SECRET in found["DESCRIPTION"]
    assert placed.number in found["DESCRIPTION"]
    assert found["UID"] == placed.registrations.get().calendar_uid
    assert found["SEQUENCE"] == 0
    assert found["ORGANIZER"] == "mailto:office@example.org"
    assert found["ORGANIZER"].params["CN"] == "Institute of Testing"


def test_a_file_says_when_it_was_made(client_of, alice, placed, time_machine):
    time_machine.move_to(datetime(2027, 1, 2, 12, 0, tzinfo=LONDON), tick=False)

    found = entry(client_of(alice), placed)

    assert found["DTSTAMP"].to_ical() == b"20270102T120000Z"


def test_a_newer_file_replaces_the_older(client_of, alice, option, placed):
    before = entry(client_of(alice), placed)
    option.event.place, option.event.revision = "Leeds", 1
    option.event.save()

    after = entry(client_of(alice), placed)

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == 1
    assert after["LOCATION"] == "Leeds"


def test_no_such_registration(client_of, alice):
    assert client_of(alice).get("/registrations/999999/event.ics").status_code == 404
