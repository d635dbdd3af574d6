"""The words of a message with a code or key stand readable nowhere but in what is sent."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from portal.core.machine.sealing import seal
from portal.core.mail.outbox import queue_mail
from portal.core.mail.sending import send_due_mail
from portal.core.mail.sending_again import Resent, send_again
from portal.core.mail.words import NoWords, words_of
from portal.core.models import Body, OutgoingMail
from tests.smtp import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE = "QX7-KEY-9Z"


def queue(**more):
    return queue_mail(
        "account/emails/login_code",
        to="alice@example.org",
        subject="Your sign-in code",
        context={"code": CODE, "email": "alice@example.org"},
        **{"written_at": timezone.now(), "is_secret": True, **more},
    )


def everything_kept():
    """All columns of the outbox, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_outgoingmail")
        return repr(cursor.fetchall())


@pytest.fixture
def smtp(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_waiting_code_does_not_stand_readable_in_the_outbox_and_is_sent(smtp):
    mail = queue()

    assert CODE not in everything_kept()
    assert (mail.text, mail.html) == ("", "")
    send_due_mail()

    (taken,) = smtp.taken
    assert CODE in taken.get_body(("plain",)).get_content()
    assert CODE in taken.get_body(("html",)).get_content()
    mail.refresh_from_db()
    assert (mail.text, mail.html, mail.sealed) == ("", "", "")


def test_other_words_are_kept_as_they_are():
    mail = queue(is_secret=False)

    assert mail.sealed == ""
    assert CODE in mail.text
    assert words_of(mail) == (mail.text, mail.html)


def test_what_another_key_sealed_is_given_up_with_a_sentence_and_never_sent_empty(smtp, settings):
    mail, other = queue(), queue(is_secret=False)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" * 5, []

    assert send_due_mail() == 1

    assert smtp.ids == [other.message_id]
    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert mail.last_error == (
        "The words of this email were sealed with a secret key that the portal no longer has. "
        "Send a new message."
    )
    assert send_again([mail.pk], actor="test", at=timezone.now()) == Resent(0, 1)


def test_an_old_key_that_is_still_named_opens_them(smtp, settings):
    queue()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-key-" * 8, [settings.SECRET_KEY]

    assert send_due_mail() == 1
    assert CODE in smtp.taken[0].get_body(("plain",)).get_content()


def test_a_message_whose_words_are_gone_is_never_sent(smtp):
    mail = queue()
    OutgoingMail.objects.update(sealed="")

    assert send_due_mail() == 0

    assert smtp.taken == []
    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert "deleted" in mail.last_error


def test_words_sealed_for_another_purpose_do_not_open():
    mail = queue()
    mail.sealed = seal(json.dumps({"text": "x", "html": ""}), purpose="second step")

    with pytest.raises(NoWords):
        words_of(mail)


def test_the_demo_still_shows_them(client):
    Body.objects.update(is_demo=True)
    mail = queue()

    assert CODE in client.get(f"/demo/mail/{mail.pk}/").text
    assert CODE in client.get(f"/demo/mail/{mail.pk}/html/").text


def test_the_demo_says_why_it_cannot_show_them(client):
    Body.objects.update(is_demo=True)
    mail = queue()
    OutgoingMail.objects.update(sealed="not sealed at all")

    assert "Send a new message" in client.get(f"/demo/mail/{mail.pk}/").text
    assert "Send a new message" in client.get(f"/demo/mail/{mail.pk}/html/").text


def test_what_waits_from_an_older_portal_is_sealed_and_can_be_opened_again():
    waiting, plain, gone = queue(), queue(is_secret=False), queue()
    OutgoingMail.objects.filter(pk=waiting.pk).update(text=CODE, html=f"<p>{CODE}</p>", sealed="")
    OutgoingMail.objects.filter(pk=plain.pk).update(text="Plain", html="")
    OutgoingMail.objects.filter(pk=gone.pk).update(text="", html="", sealed="")
    step = import_module("portal.core.migrations.0008_seal_waiting_words")

    step.seal_words(apps, connection.schema_editor())

    assert CODE not in everything_kept()
    waiting.refresh_from_db()
    assert words_of(waiting) == (CODE, f"<p>{CODE}</p>")
    assert OutgoingMail.objects.get(pk=plain.pk).text == "Plain"
    assert OutgoingMail.objects.get(pk=gone.pk).sealed == ""
    step.open_words(apps, connection.schema_editor())
    waiting.refresh_from_db()
    assert (waiting.text, waiting.sealed) == (CODE, "")
