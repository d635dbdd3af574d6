"""The demo's mail can be read; a real body's never."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.machine.demo import SENTENCE
from portal.core.models import Body, OutgoingMail, new_message_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(body):
    Body.objects.update(is_demo=True)


def write(subject="Welcome"):
    return OutgoingMail.objects.create(
        kind="invitation",
        to="alice@example.org",
        subject=subject,
        text="Read https://portal.example.org/",
        html="<p>Read</p>",
        sender="office@example.org",
        message_id=new_message_id(),
    )


@pytest.fixture
def mail(body):
    return write()


def addresses(mail):
    return [
        reverse("demo:mails"),
        reverse("demo:mail", args=[mail.pk]),
        reverse("demo:mail_html", args=[mail.pk]),
    ]


def test_a_real_body_shows_no_mail(client, mail):
    for address in addresses(mail):
        assert client.get(address).status_code == 404


def test_a_demo_that_strangers_can_reach_shows_no_mail(client, demo, mail, settings):
    settings.LOCAL = False

    for address in addresses(mail):
        answer = client.get(address)
        assert (answer.status_code, answer.content.decode()) == (503, f"{SENTENCE}\n")


def test_the_demo_shows_its_mail(client, demo, mail):
    for address in addresses(mail):
        assert client.get(address).status_code == 200
    assert "Welcome" in client.get(reverse("demo:mails")).content.decode()


def test_the_list_can_be_kept_to_one_address(client, demo, mail):
    url = reverse("demo:mails")

    assert "Welcome" in client.get(url, {"to": "alice@example.org"}).content.decode()
    assert "Welcome" not in client.get(url, {"to": "bob@example.org"}).content.decode()


def test_the_message_in_the_frame_can_run_nothing(client, demo, mail):
    response = client.get(reverse("demo:mail_html", args=[mail.pk]))

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy


def test_the_calendar_file_of_a_message(client, demo, mail):
    OutgoingMail.objects.filter(pk=mail.pk).update(calendar="BEGIN:VCALENDAR")
    address = reverse("demo:mail_calendar", args=[mail.pk])

    assert f'href="{address}"' in client.get(reverse("demo:mail", args=[mail.pk])).text
    response = client.get(address)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.text == "BEGIN:VCALENDAR"
    assert client.get(reverse("demo:mail_calendar", args=[write().pk])).status_code == 404


def test_a_message_that_was_not_sent_says_so(client, demo, mail):
    sent, failed = write("Sent"), write("Failed")
    OutgoingMail.objects.filter(pk=sent.pk).update(sent_at=timezone.now())
    OutgoingMail.objects.filter(pk=failed.pk).update(given_up_at=timezone.now())

    page = client.get(reverse("demo:mails")).text

    assert page.count(">Waiting<") == 1
    assert page.count(">Given up<") == 1


def test_an_empty_outbox_says_so(client, demo):
    assert "No mail yet" in client.get(reverse("demo:mails")).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(client, demo, many, django_assert_num_queries):
    for number in range(many):
        write(f"Welcome {number}")

    with django_assert_num_queries(4):
        client.get(reverse("demo:mails"))


def test_an_address_that_there_cannot_be_has_none(client, demo, mail):
    assert "Welcome" in client.get("/demo/mail/", {"to": "alice@example.org"}).text
    assert "Welcome" not in client.get("/demo/mail/", {"to": "\0"}).text
