"""The outbox: written in the act's transaction, sent with patience, each message once."""

import ast
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from portal.core.mail import sending
from portal.core.mail.outbox import queue_mail
from portal.core.mail.sending import send_due_mail
from portal.core.mail.sending_again import send_again
from portal.core.mail.smtp import SmtpBackend
from portal.core.mail.words import words_of
from portal.core.models import Document, OutgoingMail
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db
Priority = OutgoingMail.Priority
PORTAL = Path(sending.__file__).parents[2]


def queue(to="alice@example.org", **more):
    return queue_mail(
        "emails/base",
        to=to,
        subject="Your place",
        context={},
        **{"written_at": timezone.now(), **more},
    )


def queue_and_undo():
    """Queue a mail in a transaction (a savepoint, inside another) that is rolled back."""
    with suppress(RuntimeError), transaction.atomic():
        queue()
        raise RuntimeError


@pytest.fixture
def smtp(settings):
    """A mail server that the portal sends to."""
    with mail_server() as server:
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_mail_goes_out_once_with_the_id_of_its_row(smtp):
    mail = queue()

    assert send_due_mail() == 1
    assert send_due_mail() == 0

    mail.refresh_from_db()
    assert mail.sent_at is not None
    assert smtp.ids == [mail.message_id]
    assert smtp.taken[0]["To"] == "alice@example.org"
    assert smtp.taken[0]["Subject"] == "Your place"
    assert smtp.taken[0]["From"] == "Institute of Testing <office@example.org>"


def test_mails_go_out_in_the_order_in_which_they_were_queued(smtp):
    queued = [queue(to=f"{name}@example.org").message_id for name in ("zoe", "ann", "kim")]

    send_due_mail()

    assert smtp.ids == queued


def test_a_name_with_quotation_marks_and_accents_arrives_whole(smtp, body):
    body.name = 'The “Æther” & "Sons"'
    body.save()
    queue()

    send_due_mail()

    assert smtp.taken[0]["From"].addresses[0].display_name == 'The “Æther” & "Sons"'


def test_a_rolled_back_act_leaves_no_mail_and_no_job(transactional_db):
    queue_and_undo()

    assert not OutgoingMail.objects.exists()
    assert not deferred()


def test_many_mails_of_one_transaction_ask_for_one_job(transactional_db):
    with transaction.atomic():
        queue()
        queue_and_undo()
        queue()
        waiting = len(connection.run_on_commit)

    assert waiting == 1
    if connection.vendor == "postgresql":
        assert deferred() == ["send_mail"]


def test_a_job_asked_for_in_a_savepoint_that_is_undone_is_asked_for_again(transactional_db):
    with transaction.atomic():
        queue_and_undo()
        queue()
        assert len(connection.run_on_commit) == 1

    if connection.vendor == "postgresql":
        assert deferred() == ["send_mail"]


def deferred():
    """The names of the jobs in PostgreSQL's queue; SQLite has none."""
    if connection.vendor != "postgresql":
        return []
    from procrastinate.contrib.django.models import ProcrastinateJob

    return list(ProcrastinateJob.objects.values_list("task_name", flat=True))


def test_a_refusal_for_now_is_put_off_longer_each_time_then_given_up(smtp):
    mail = queue()
    smtp.refusals["alice@example.org"] = "451 Ask again"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for wait in sending.WAITS:
            assert send_due_mail() == 0
            mail.refresh_from_db()
            assert mail.due_at - timezone.now() == wait
            assert mail.given_up_at is None
            assert "451" in mail.last_error
            clock.shift(wait)
        send_due_mail()

    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert mail.attempts == len(sending.WAITS) + 1


def test_a_repeat_keeps_its_message_id_and_its_date(smtp):
    mail = queue()
    smtp.refusals["alice@example.org"] = "451 Ask again"
    send_due_mail()
    smtp.refusals.clear()
    first = sending.compose(OutgoingMail.objects.get()).message()

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert send_due_mail() == 1

    assert smtp.ids == [mail.message_id] == [first["Message-ID"]]
    assert smtp.taken[0]["Date"] == first["Date"]


def test_an_address_that_does_not_exist_is_given_up_at_once_and_stops_no_other(smtp):
    lost = queue(to="nobody@example.org")
    queue(to="bob@example.org")
    smtp.refusals["nobody@example.org"] = "550 No such person"

    assert send_due_mail() == 1

    lost.refresh_from_db()
    assert lost.given_up_at is not None
    assert [message["To"] for message in smtp.taken] == ["bob@example.org"]


def test_a_server_that_cannot_be_reached_costs_no_mail_an_attempt(settings, caplog):
    settings.EMAIL_CONFIGURED = True
    with mail_server() as gone:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", gone.port
    mail = queue()

    assert send_due_mail() == 0

    mail.refresh_from_db()
    assert mail.attempts == 0
    assert mail.due_at <= timezone.now()
    assert "ConnectionRefusedError" in mail.last_error
    assert "cannot be reached" in caplog.text


def test_a_message_that_cannot_be_made_stops_no_other(smtp):
    broken = queue(documents=[document(template="core/no-such-template.typ")])
    queue(to="bob@example.org")

    assert send_due_mail() == 1

    broken.refresh_from_db()
    assert broken.sent_at is None
    assert broken.last_error
    assert smtp.taken[0]["To"] == "bob@example.org"


def document(**cells):
    return Document.objects.create(
        **{"filename": "a.pdf", "template": "", "data": {}, "stamped_at": timezone.now()} | cells
    )


def test_a_document_is_attached_as_it_was_set_the_first_time(smtp):
    queue(documents=[document(content=b"%PDF-1.7 as set")])

    send_due_mail()

    (attachment,) = smtp.taken[0].iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == "a.pdf"
    assert attachment.get_content() == b"%PDF-1.7 as set"


def test_the_words_of_a_secret_mail_are_wiped_once_it_has_gone(smtp):
    secret, plain = queue(is_secret=True), queue()
    assert words_of(secret).text

    send_due_mail()

    secret.refresh_from_db()
    plain.refresh_from_db()
    assert (secret.text, secret.html, secret.sealed) == ("", "", "")
    assert plain.text
    assert smtp.taken[0].get_body(("plain",)).get_content().strip()


def test_a_secret_mail_that_has_not_gone_keeps_its_words(smtp):
    secret = queue(is_secret=True)
    smtp.refusals["alice@example.org"] = "451 Ask again"

    send_due_mail()

    secret.refresh_from_db()
    assert words_of(secret).text


def test_with_the_demo_institute_no_mail_leaves_the_machine(smtp, body, settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "mail"
    body.body.is_demo = True
    body.body.save()
    secret = queue(is_secret=True)

    assert send_due_mail() == 1

    assert smtp.taken == []
    (file,) = settings.MAIL_FOLDER.iterdir()
    assert f"Message-ID: {secret.message_id}".encode() in file.read_bytes()
    secret.refresh_from_db()
    assert words_of(secret).text, "the demo's mail is read in the browser"


def test_the_folder_holds_one_file_for_a_message_sent_twice(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "mail"
    queue()
    send_due_mail()
    OutgoingMail.objects.update(sent_at=None)

    assert send_due_mail() == 1

    (file,) = settings.MAIL_FOLDER.iterdir()
    assert file.suffix == ".eml"
    assert b"\r\nSubject: Your place\r\n" in file.read_bytes()


def test_who_finds_another_at_work_sends_nothing(smtp, monkeypatch):
    queue()
    monkeypatch.setattr(sending, "alone", lambda name: nullcontext(False))

    assert send_due_mail() == 0
    assert smtp.taken == []


def test_what_comes_while_the_lock_is_given_back_is_sent_too(smtp, monkeypatch):
    """Its own nudge has found us at work and gone: nobody else will send it soon."""
    real = sending._send_batches
    late = []

    def with_a_late_mail():
        sent = real()
        if not late:
            late.append(queue(to="late@example.org"))
        return sent

    monkeypatch.setattr(sending, "_send_batches", with_a_late_mail)
    queue()

    assert send_due_mail() == 2


def test_a_secret_mail_that_is_given_up_keeps_no_words(smtp):
    mail = queue(to="nobody@example.org", is_secret=True)
    smtp.refusals["nobody@example.org"] = "550 No such person"

    send_due_mail()

    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert (mail.text, mail.html, mail.sealed) == ("", "", "")


def test_a_portal_on_the_net_that_cannot_send_keeps_its_mail(settings, caplog):
    mail = queue(is_secret=True)
    settings.LOCAL = settings.EMAIL_CONFIGURED = False

    assert send_due_mail() == 0

    mail.refresh_from_db()
    assert mail.sent_at is None
    assert words_of(mail).text
    assert "EMAIL_URL is not set" in caplog.text


def test_a_mail_that_has_gone_is_marked_although_the_database_was_locked(smtp, monkeypatch):
    mail = queue()
    save, locked = OutgoingMail.save, iter([True, True])

    def now_and_then(self, **options):
        if next(locked, False):
            raise OperationalError("database is locked")
        save(self, **options)

    monkeypatch.setattr(OutgoingMail, "save", now_and_then)

    assert send_due_mail() == 1

    assert send_due_mail() == 0
    assert smtp.ids == [mail.message_id]


# --- What goes first ---------------------------------------------------------------------------
def test_a_code_that_is_asked_for_while_invitations_go_out_is_the_next_to_go(smtp, monkeypatch):
    """And what somebody has just ordered goes after it, before the rest of the invitations."""
    invited = [queue(to=f"p{n}@example.org", priority=Priority.BULK) for n in range(6)]
    real, urgent, usual = SmtpBackend.send_messages, [], []

    def with_others_meanwhile(self, messages):
        if len(smtp.taken) == 2 and not usual:
            usual.append(queue(to="order@example.org"))
            urgent.append(queue(to="code@example.org", priority=Priority.URGENT))
        return real(self, messages)

    monkeypatch.setattr(SmtpBackend, "send_messages", with_others_meanwhile)
    send_due_mail()

    expected = [*invited[:3], *urgent, *usual, *invited[3:]]
    assert smtp.ids == [mail.message_id for mail in expected]


def test_an_urgent_mail_that_is_put_off_keeps_no_other_waiting(smtp):
    queue(to="grey@example.org", priority=Priority.URGENT)
    queue(priority=Priority.BULK)
    smtp.refusals["grey@example.org"] = "451 Greylisted, ask again"

    assert send_due_mail() == 1
    assert smtp.taken[0]["To"] == "alice@example.org"


def test_several_that_are_sent_again_go_behind_what_people_wait_for(smtp, sam):
    one, *several = [queue(priority=Priority.URGENT) for _ in range(3)]
    send_again([one.pk], actor=sam, at=timezone.now())
    send_again([mail.pk for mail in several], actor=sam, at=timezone.now())

    assert list(OutgoingMail.objects.order_by("pk").values_list("priority", flat=True)) == [1, 3, 3]


def test_every_message_says_how_urgent_it_is():
    unsaid = [
        f"{path.relative_to(PORTAL)}:{call.lineno}"
        for path in sorted(PORTAL.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == "queue_mail"
        and "priority" not in {keyword.arg for keyword in call.keywords}
    ]

    assert unsaid == []


# --- A server that hangs up --------------------------------------------------------------------
@pytest.mark.parametrize(("after", "connections"), [(1, 6), (3, 2)])
def test_a_server_that_hangs_up_after_messages_is_reached_again_at_once(smtp, after, connections):
    smtp.closes_after = after
    queued = [queue().message_id for _ in range(6)]

    assert send_due_mail() == 6

    assert smtp.ids == queued
    assert smtp.connections == connections
    assert list(OutgoingMail.objects.values_list("attempts", flat=True)) == [1] * 6


def test_one_connection_carries_many_messages(smtp):
    for _ in range(6):
        queue()
    send_due_mail()

    assert smtp.connections == 1


def test_a_server_that_says_that_it_closes_is_reached_again_at_once(smtp):
    smtp.says_421 = 1
    queue()

    assert send_due_mail() == 1

    assert OutgoingMail.objects.get().attempts == 1
    assert smtp.connections == 2


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_message_at_which_the_server_always_hangs_up_stops_no_other(smtp, step):
    """At DATA it has had the message to its end and may have taken it: it is not sent again."""
    deadly = queue(to="deadly@example.org", priority=Priority.URGENT)
    others = [queue().message_id for _ in range(2)]
    smtp.drops["deadly@example.org"] = step

    assert send_due_mail() == 2

    assert smtp.ids == others
    deadly.refresh_from_db()
    assert deadly.attempts == 1
    assert deadly.due_at - timezone.now() > timedelta(seconds=50)
    assert smtp.connections == {"RCPT": 3, "DATA": 2}[step]


def test_a_message_that_the_server_may_have_taken_goes_again_under_its_old_id(smtp):
    mail = queue()
    smtp.drops["alice@example.org"] = "DATA"
    send_due_mail()
    smtp.drops.clear()

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert send_due_mail() == 1
    assert smtp.ids == [mail.message_id]


def test_a_server_that_hangs_up_at_every_message_is_none_that_can_be_reached(smtp, caplog):
    for _ in range(5):
        queue()
    smtp.says_421 = 1000

    assert send_due_mail() == 0

    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert "cannot be reached. 4 mails are waiting" in caplog.text
