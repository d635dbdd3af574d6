"""The worker and the web outlast a database that goes away, as real processes."""

import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from portal.core.background import loop as loop_module
from portal.core.background.loop import Loop
from portal.core.background.patience import Interrupted, keep_at, next_pause
from portal.core.background.registry import Job
from portal.core.machine.faults import Fault
from portal.core.machine.outages import outage
from portal.core.models import OutgoingMail
from tests.core.background.test_background import queue
from tests.core.machine.test_faults import of_sqlite
from tests.doors import door
from tests.processes import answers, environment, free_port, get, until
from tests.smtp import mail_server

pytestmark = pytest.mark.long

only_postgresql = pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
AWAY = "ERROR portal.machine: The portal cannot reach the database. Check DATABASE_URL."
BACK = "WARNING portal.machine: All is well again"


@pytest.fixture(autouse=True)
def no_outage():
    outage.over()
    yield
    outage.over()


@contextmanager
def portal(log, *words, **env):
    """`portal …` running, with what it says in a file; killed at the end if it is still there."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", *words],
            env=environment(**env),
            stdout=said,
            stderr=said,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def through(entrance):
    cell = connection.settings_dict
    password = f":{cell['PASSWORD']}" if cell["PASSWORD"] else ""
    return f"postgres://{cell['USER']}{password}@127.0.0.1:{entrance.port}/{cell['NAME']}"


def all_has_gone():
    return not OutgoingMail.objects.filter(sent_at=None).exists()


def drop_connections():
    """As a server that restarts: it tells every session that the administrator ends it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_worker_goes_on_after_the_database_was_away_and_says_so_in_two_lines(tmp_path):
    log = tmp_path / "worker.log"
    cell = connection.settings_dict
    with mail_server() as server, door(cell["HOST"], int(cell["PORT"])) as entrance:
        env = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "DATABASE_URL": through(entrance)}
        entrance.shut()
        with portal(log, "worker", **env) as worker:
            until(lambda: AWAY in log.read_text())
            queue()
            entrance.open()
            until(all_has_gone)
            entrance.shut()
            until(lambda: log.read_text().count(AWAY) == 2)
            queue()
            entrance.open()
            until(all_has_gone)
            until(lambda: log.read_text().count(BACK) == 2)
            assert len(log.read_text().splitlines()) == 4
            drop_connections()
            queue()
            until(all_has_gone)
            worker.terminate()
            assert worker.wait(20) == 0

    assert len(server.ids) == len(set(server.ids)) == 3
    assert "Traceback" not in log.read_text()


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_for_the_database_ends_at_once_when_it_is_stopped(tmp_path):
    log = tmp_path / "worker.log"
    nowhere = f"postgres://portal@127.0.0.1:{free_port()}/portal"
    with portal(log, "worker", DATABASE_URL=nowhere) as worker:
        until(lambda: AWAY in log.read_text())
        worker.terminate()
        assert worker.wait(5) == 0


@only_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "said"),
    [("no_such_database", "does not exist"), ("postgres", "Run `portal setup`")],
)
def test_a_worker_does_not_wait_for_what_waiting_does_not_mend(tmp_path, name, said):
    log = tmp_path / "worker.log"
    here = environment()["DATABASE_URL"].rpartition("/")[0]
    with portal(log, "worker", DATABASE_URL=f"{here}/{name}") as worker:
        assert worker.wait(20) == 2
    assert said in log.read_text()
    assert "Traceback" not in log.read_text()


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_the_web_says_when_to_come_back_and_comes_back_by_itself(tmp_path):
    log = tmp_path / "serve.log"
    cell = connection.settings_dict
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    (tmp_path / "data").mkdir()
    with door(cell["HOST"], int(cell["PORT"])) as entrance:
        env = {
            "PORTAL_DATA": str(tmp_path / "data"),
            "PORTAL_DEBUG": "",
            "DATABASE_URL": through(entrance),
        }
        made = subprocess.run(
            [sys.executable, "-m", "portal", "setup"], env=environment(**env), check=False
        )
        assert made.returncode == 0
        entrance.shut()
        with portal(log, "serve", "--port", str(port), **env):
            until(lambda: answers(f"{root}/healthz"))
            asked = [get(f"{root}/{path}") for path in ("", "sign-in/", "readyz", "") * 5]
            entrance.open()
            assert get(f"{root}/readyz") == (200, "ready\n")
            assert get(f"{root}/")[0] == 200

    assert {status for status, _ in asked} == {503}
    assert log.read_text().count(AWAY) == log.read_text().count(BACK) == 1
    assert len(log.read_text().splitlines()) == 3, "the address, and the two"


# --- The loop beside the web -------------------------------------------------------------------
@pytest.mark.django_db
def test_a_job_that_the_machine_keeps_from_running_is_tried_soon_and_told_once(monkeypatch, caplog):
    tries = []

    def job():
        tries.append(1)
        if len(tries) < 5:
            raise OperationalError("full") from of_sqlite(13, "database or disk is full")

    job.__name__ = "job"
    jobs = {"job": Job("job", job, timedelta(hours=1))}
    for module in ("loop", "registry"):
        monkeypatch.setattr(f"portal.core.background.{module}.JOBS", jobs)
    now = [1000.0]
    monkeypatch.setattr(loop_module.time, "monotonic", lambda: now[0])
    beside = Loop()
    pauses = []
    for _ in range(5):
        beside.run_due()
        pauses.append(beside.due["job"] - now[0])
        now[0] = beside.due["job"]

    assert pauses == [0.5, 1, 2, 4, 3600]
    assert [r.levelname for r in caplog.records] == ["ERROR", "WARNING"]
    assert "There is no room left" in caplog.messages[0]
    assert "Traceback" not in caplog.text


@pytest.mark.django_db
def test_a_job_that_only_reads_ends_no_outage_of_another(monkeypatch, caplog):
    def writes():
        raise OperationalError("full") from of_sqlite(13, "database or disk is full")

    jobs = {
        "reads": Job("reads", lambda: None, timedelta(seconds=1)),
        "writes": Job("writes", writes, timedelta(seconds=1)),
    }
    for module in ("loop", "registry"):
        monkeypatch.setattr(f"portal.core.background.{module}.JOBS", jobs)
    beside = Loop()
    for _ in range(6):
        beside.due = dict.fromkeys(jobs, 0.0)
        beside.run_due()

    assert len(caplog.messages) == 1


def test_pauses_grow_and_are_short_again_after_good_work():
    pause, seen = 0.0, []
    for lived in [0, 0, 0, 0, 0, 0, 0, 0, 3600, 0]:
        pause = next_pause(pause, lived)
        seen.append(pause)

    assert seen == [0.5, 1, 2, 4, 8, 10, 10, 10, 0.5, 1]


def test_what_is_not_the_machine_s_fault_ends_the_work():
    def broken():
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        keep_at(broken, is_over=lambda: False)

    def refused():
        raise OSError from of_sqlite(14, "unable to open database file")

    with pytest.raises(OSError):
        keep_at(refused, is_over=lambda: False)


def test_work_that_was_cut_off_is_taken_up_again(monkeypatch):
    monkeypatch.setattr("portal.core.background.patience.FIRST_PAUSE", 0.0)
    ends = [Interrupted(), OSError(28, "No space left on device"), None]

    def work():
        if (end := ends.pop(0)) is not None:
            raise end

    keep_at(work, is_over=lambda: False)

    assert ends == []
    assert outage.fault is Fault.FULL
