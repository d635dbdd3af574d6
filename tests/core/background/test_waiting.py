"""Whoever looks sees that nobody does the background work."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.core.background.loop import Loop
from portal.core.background.waiting import late, oldest_job, oldest_mail, sign_of_life, worker_seen
from portal.core.models import OutgoingMail
from portal.core.rows.locking import alone
from tests.core.background.test_background import queue

pytestmark = pytest.mark.django_db

only_sqlite = pytest.mark.skipif(not settings.SQLITE, reason="the loop beside the web")
only_postgresql = pytest.mark.skipif(settings.SQLITE, reason="Procrastinate's tables")
AT = datetime(2026, 11, 26, 14, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COMMAND = "`portal serve`" if settings.SQLITE else "`portal worker`"
SINCE = "since 2:02pm on Thursday 26 November 2026"
MAIL = (
    f"The oldest email has been waiting {SINCE}. Check that {COMMAND} is running and that the "
    "mail server answers."
)
WORKER = f"No worker has run {SINCE}. Start {COMMAND}."
JOB = f"The oldest job has been waiting {SINCE}. Check that {COMMAND} is running."


@pytest.fixture(autouse=True)
def nobody_was_here(settings, tmp_path):
    settings.DATA = tmp_path
    if not settings.SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_workers")
            cursor.execute("DELETE FROM procrastinate_periodic_defers")


def worker_was_here(at):
    if settings.SQLITE:
        sign_of_life().touch()
        os.utime(sign_of_life(), (at.timestamp(), at.timestamp()))
        return
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [at])


def queued_at(at):
    queue(2)
    OutgoingMail.objects.update(due_at=at + MINUTE)
    OutgoingMail.objects.filter(pk=OutgoingMail.objects.earliest("pk").pk).update(due_at=at)
    if not settings.SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


def test_a_mail_that_waits_for_long_is_told():
    queued_at(AT)

    assert oldest_mail(AT - MINUTE) is None
    assert oldest_mail(AT + MINUTE) == AT
    assert late(AT + 5 * MINUTE) == []
    assert late(AT + 6 * MINUTE) == [MAIL]
    OutgoingMail.objects.update(sent_at=AT)
    assert late(AT + 6 * MINUTE) == []


def test_a_mail_that_was_given_up_or_is_not_due_does_not_wait():
    queued_at(AT)
    OutgoingMail.objects.update(given_up_at=AT)
    assert late(AT + 60 * MINUTE) == []
    OutgoingMail.objects.update(given_up_at=None, due_at=AT + 60 * MINUTE)
    assert late(AT + 60 * MINUTE) == []


def test_a_worker_that_was_there_and_is_no_more_is_told():
    assert worker_seen() is None
    worker_was_here(AT)

    assert worker_seen() == AT
    assert late(AT + 5 * MINUTE) == []
    assert late(AT + 6 * MINUTE) == [WORKER]
    worker_was_here(AT + 2 * MINUTE)
    assert late(AT + 6 * MINUTE) == []


@only_sqlite
def test_the_loop_shows_that_it_lives_and_one_at_a_long_job_still_does():
    Loop()._show_life()
    assert timezone.now() - worker_seen() < MINUTE
    worker_was_here(AT)
    with alone("jobs"):
        assert late(AT + 60 * MINUTE) == []
    assert late(AT + 60 * MINUTE) == [WORKER]


@only_postgresql
def test_what_a_stopped_worker_deferred_by_the_clock_tells_when_it_was_there():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id)"
            " VALUES ('send_mail', %s, 'send_mail')",
            [int(AT.timestamp())],
        )

    assert worker_seen() == AT
    assert late(AT + 6 * MINUTE) == [WORKER]


@only_postgresql
def test_a_job_that_waits_for_long_is_told():
    queue()
    OutgoingMail.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = %s", [AT])

    assert oldest_job(AT + MINUTE) == AT
    assert late(AT + 6 * MINUTE) == [JOB]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = %s", [AT + 5 * MINUTE])
    assert late(AT + 6 * MINUTE) == []


def test_it_stands_where_people_and_monitors_look(sam, client_of, capsys):
    assert Client().get("/readyz").content == b"ready\n"
    queued_at(AT)
    worker_was_here(AT)

    page = client_of(sam).get("/office/").content.decode()
    ready, all_of_it = Client().get("/readyz"), Client().get("/readyz?all")
    with pytest.raises(SystemExit) as stopped:
        call_command("setup", "--check")

    assert WORKER in page
    assert MAIL in page
    assert (ready.status_code, ready.content.decode()) == (200, f"ready\n{WORKER}\n{MAIL}\n")
    assert (all_of_it.status_code, all_of_it.content.decode()) == (503, f"{WORKER}\n{MAIL}\n")
    assert stopped.value.code == 1
    assert f"- {WORKER}\n- {MAIL}\n" in capsys.readouterr().out
