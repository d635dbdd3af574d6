"""Jobs run at their pace and when nudged; a killed worker delays mail and nothing more."""

import signal
import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.core.background import registry
from portal.core.background.loop import Loop
from portal.core.background.registry import JOBS, Job, nudge, socket_path
from portal.core.mail.outbox import queue_mail
from portal.core.models import ClockMark, OutgoingMail
from portal.core.rows.locking import alone
from portal.membership.forgotten_username import ask_for_username
from tests.processes import portal, until
from tests.smtp import mail_server

pytestmark = pytest.mark.long

HOUR = timedelta(hours=1)
only_sqlite = pytest.mark.skipif("not __import__('django.conf').conf.settings.SQLITE")


def queue(count=1):
    with transaction.atomic():
        return [
            queue_mail(
                "emails/base",
                to=f"p{number}@example.org",
                subject="Hello",
                context={},
                written_at=timezone.now(),
            ).message_id
            for number in range(count)
        ]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_commit_and_sending_loses_nothing_and_doubles_nothing():
    queued = queue(5)
    with mail_server() as server:
        env = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}
        server.stalls_after = 2
        with portal("worker", **env) as worker:
            assert server.stalled.wait(20)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert OutgoingMail.objects.filter(sent_at=None).count() == 3
        server.stalls_after = None

        with portal("worker", **env) as worker:
            server.wait_for(5)
            worker.terminate()
            assert worker.wait(20) == 0

        assert sorted(server.ids) == sorted(queued)
    assert not OutgoingMail.objects.filter(sent_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_stopped_ends_after_the_mail_in_hand():
    queue(5)
    with mail_server() as server:
        server.stalls_after = 2
        with portal("worker", EMAIL_URL=f"smtp://127.0.0.1:{server.port}") as worker:
            assert server.stalled.wait(20)
            worker.terminate()
            server.stalls_after = None
            assert worker.wait(20) == 0
        assert len(server.taken) == 2
    assert OutgoingMail.objects.filter(sent_at=None).count() == 3
    assert OutgoingMail.objects.filter(attempts=1).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_mail_queued_while_the_worker_rests_goes_out_at_once():
    first = queue()
    with mail_server() as server:
        with portal("worker", EMAIL_URL=f"smtp://127.0.0.1:{server.port}") as worker:
            server.wait_for(1)
            second = queue()
            server.wait_for(2, seconds=10)
            worker.send_signal(signal.SIGINT)
            assert worker.wait(20) == 0
        assert server.ids == first + second


@pytest.mark.django_db(transaction=True)
def test_what_a_job_writes_while_the_mail_server_is_slow_goes_next(alice):
    bulk = [
        queue_mail(
            "emails/base",
            to=f"p{number}@example.org",
            subject="Hello",
            context={},
            written_at=timezone.now(),
            priority=OutgoingMail.Priority.BULK,
        ).message_id
        for number in range(5)
    ]
    with mail_server() as server:
        server.stalls_after = 2
        with portal("worker", EMAIL_URL=f"smtp://127.0.0.1:{server.port}") as worker:
            assert server.stalled.wait(20)
            ask_for_username(number="100", at=timezone.now())
            until(OutgoingMail.objects.filter(to=alice.email).exists)
            server.stalls_after = None
            server.wait_for(5)
            worker.terminate()
            assert worker.wait(20) == 0
        asked = OutgoingMail.objects.get(to=alice.email)
        assert server.ids == [*bulk[:2], asked.message_id, *bulk[3:]]


# --- The registry ------------------------------------------------------------------------------
def test_every_job_has_a_pace():
    assert {"send_mail", "clear_expired_sessions"} <= set(JOBS)
    assert all(timedelta(minutes=1) <= job.every <= timedelta(hours=24) for job in JOBS.values())


def test_two_jobs_of_one_name_are_refused(monkeypatch):
    monkeypatch.setattr(registry, "JOBS", dict(JOBS))

    def send_mail():
        pass

    with pytest.raises(ValueError, match="Two jobs are named send_mail"):
        registry.job(every=HOUR)(send_mail)


@pytest.mark.django_db
def test_a_nudge_without_a_loop_is_no_error(settings, tmp_path, django_capture_on_commit_callbacks):
    settings.DATA = tmp_path
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        nudge("send_mail")

    assert len(callbacks) == 1


def test_a_deep_folder_gets_a_short_address(settings):
    settings.DATA = Path("/" + "/".join(["a" * 40] * 4))

    assert len(str(socket_path())) < 104
    before = socket_path()
    settings.DATA = settings.DATA / "b"
    assert socket_path() != before


# --- The loop ----------------------------------------------------------------------------------
@pytest.fixture
def ran(db, monkeypatch):
    """Two jobs, one of which fails; what ran, in order."""
    order = []

    def bad():
        order.append("bad")
        raise RuntimeError("this job fails")

    jobs = {
        "bad": Job("bad", bad, HOUR),
        "good": Job("good", lambda: order.append("good"), HOUR),
    }
    for module in ("loop", "registry"):
        monkeypatch.setattr(f"portal.core.background.{module}.JOBS", jobs)
    return order


def test_a_job_that_fails_stops_no_other(ran, caplog):
    Loop().run_due()

    assert ran == ["bad", "good"]
    assert "The job bad failed" in caplog.text


def test_a_job_runs_again_at_its_pace_only(ran, caplog):
    loop = Loop()
    loop.run_due()
    loop.run_due()

    assert ran == ["bad", "good"]


def test_a_knock_makes_a_job_due_and_an_unknown_one_does_nothing(ran, caplog):
    loop = Loop()
    loop.run_due()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        for knock in (b"good", b"of an older version", b"\xff", b"good"):
            theirs.send(knock)
        loop._wait(ours)
    loop.run_due()

    assert ran == ["bad", "good", "good"]


def test_a_job_that_waits_for_another_machine_keeps_no_other_waiting(ran, monkeypatch):
    """It is wanted again while it waits, and then goes round once more, in the same thread."""
    answered, threads = threading.Event(), []

    def waits():
        threads.append(threading.current_thread())
        assert answered.wait(20)

    def answers():
        ran.append("answers")
        loop.due["waits"] = 0.0
        if len(ran) > 1:
            answered.set()

    jobs = {
        "waits": Job("waits", waits, HOUR, waits_for_others=True),
        "answers": Job("answers", answers, timedelta(0)),
    }
    for module in ("loop", "registry"):
        monkeypatch.setattr(f"portal.core.background.{module}.JOBS", jobs)
    loop = Loop()
    loop.run_due()
    loop.run_due()
    loop.aside["waits"].join(20)

    assert ran == ["answers", "answers"]
    assert threads == [loop.aside["waits"]] * 2


def test_a_loop_whose_parent_has_gone_ends(ran):
    Loop(parent=1 << 30).run()

    assert ran == []


# --- The lock of a whole job -------------------------------------------------------------------
@only_sqlite
def test_one_at_a_time_on_sqlite(db):
    with alone("a-job") as first, alone("a-job") as second:
        assert (first, second) == (True, False)
    with alone("a-job") as again:
        assert again


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
def test_one_at_a_time_on_postgresql():
    seen = []

    def other():
        with alone("a-job") as taken:
            seen.append(taken)
        connection.close()

    def ask():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    with alone("a-job") as taken:
        assert taken
        ask()
    ask()
    assert seen == [False, True]


# --- Procrastinate -----------------------------------------------------------------------------
def tidy_queue():
    """As a worker does it."""
    from asgiref.sync import async_to_sync
    from procrastinate.contrib.django import app

    from portal.core.background import tasks

    async def tidy():
        async with app.open_async():
            await tasks.tidy_queue()

    with app.replace_connector(app.connector.get_worker_connector()):
        async_to_sync(tidy)()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
def test_what_a_killed_worker_left_in_the_queue_is_tidied_away():
    from procrastinate.contrib.django.models import ProcrastinateJob

    from portal.core.background import tasks

    tasks.defer("send_mail")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    tasks.defer("clear_expired_sessions")

    tidy_queue()

    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "clear_expired_sessions"
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
@pytest.mark.parametrize(("believed", "left"), [(timedelta(0), 0), (timedelta(days=10), 1)])
def test_what_failed_long_ago_goes_only_at_a_clock_that_is_believed(believed, left):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from portal.core.background import tasks

    tasks.defer("send_mail")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '15 days'")
    ClockMark.objects.update(at=timezone.now() - believed, state="steady")

    tidy_queue()

    assert ProcrastinateJob.objects.count() == left


@pytest.mark.parametrize(
    ("every", "cron"),
    [
        (timedelta(seconds=20), "*/1 * * * *"),
        (timedelta(minutes=15), "*/15 * * * *"),
        (timedelta(hours=1), "7 */1 * * *"),
        (timedelta(hours=12), "7 */12 * * *"),
        (timedelta(days=1), "7 0 * * *"),
    ],
)
def test_the_pace_of_a_job_as_cron_has_it(every, cron):
    assert registry.cron_of(every) == cron


@pytest.mark.parametrize(
    "every", [timedelta(minutes=45), timedelta(minutes=90), timedelta(hours=5), timedelta(days=2)]
)
def test_a_pace_that_cron_would_keep_unevenly_is_refused(every):
    with pytest.raises(ValueError, match="choose a time that divides an hour or a day evenly"):
        registry.job(every=every)


@pytest.mark.django_db
def test_the_queue_is_another_s_business(monkeypatch):
    """`nudge` puts jobs into whatever queue it was given, and knows no more of it."""
    put: list[str] = []
    monkeypatch.setattr(registry, "_queues", [])
    registry.use_queue(put.append)
    with transaction.atomic():
        registry.nudge("send_mail")
        registry.nudge("send_mail")
    assert put == ["send_mail"]
