"""The confirmation of an order: to who booked, text and HTML the same, calendar file attached."""

import html as html_entities
import re

import icalendar
import pytest

from portal.core.mail.sending import compose
from portal.core.models import OutgoingMail
from portal.core.money import Money
from tests import factories
from tests.events.acts import hold, order, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SECRET = "https://meet.example.org/secret-room"


def mail():
    return OutgoingMail.objects.get(kind="order")


def words(html):
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(html_entities.unescape(text).split())


def test_it_tells_all_in_text_and_html(alice):
    event = factories.event(title="Debts & <fines>", place="", online_link=SECRET)
    placed = submit(hold(factories.option(event, "Member"), alice, special_requirements="Vegan"))
    sent = mail()

    assert sent.to == "alice@example.org"
    assert sent.subject.startswith(f"Order {placed.number}: Debts & <fines>, ")
    for text in (sent.text, words(sent.html)):
        assert "As you gave them" in text
        assert "Vegan" not in text
        for told in (
            "Dear Alice,",
            "Debts & <fines>",
            SECRET,
            "Member",
            f"http://localhost:8000/orders/{placed.number}/",
            placed.invoice.number,
            "£72.00",
            f"Reference: {placed.number}",
        ):
            assert told in text
    assert "<fines>" not in sent.html
    assert f'<a href="{SECRET}">{SECRET}</a>' in sent.html
    assert (sent.html.count(SECRET), sent.text.count(SECRET)) == (2, 1)


def test_the_calendar_file_is_attached(alice):
    order(
        factories.option(factories.event("one")), factories.option(factories.event("two")), by=alice
    )
    attached = [
        part
        for part in compose(mail()).message().walk()
        if part.get_content_type() == "text/calendar"
    ]

    entries = icalendar.Calendar.from_ical(attached[0].get_payload(decode=True)).walk("VEVENT")
    assert len(attached) == 1
    assert len({entry["UID"] for entry in entries}) == 2


def test_a_free_order_says_that_no_invoice_follows(alice):
    order(factories.option(factories.event(), price=Money(0)), by=alice)

    for text in (mail().text, words(mail().html)):
        assert "There is nothing to pay, so we will not send an invoice." in text
    assert not OutgoingMail.objects.filter(kind="invoice").exists()


def test_the_invoice_comes_in_a_mail_of_its_own(alice):
    order(factories.option(factories.event()), by=alice)

    assert {sent.kind for sent in OutgoingMail.objects.all()} == {"order", "invoice"}
    assert not mail().documents.exists()


def test_who_is_meant_when_booked_for_another(alice, bob):
    submit(hold(factories.option(factories.event()), bob, by=alice))

    assert mail().to == "alice@example.org"
    assert "Who: Bob Brook" in mail().text


def test_nobody_without_an_address_gets_mail():
    person = factories.person(email="", has_account=False)

    placed = order(factories.option(factories.event()), by=person)

    assert placed.registrations.count() == 1
    assert not OutgoingMail.objects.exists()
