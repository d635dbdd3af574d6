"""At a leap of the clock nothing is forgotten for its age, and that is said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.accounts.asking_for_mail import ask_for_mail
from portal.accounts.codes import keep_code
from portal.accounts.models import MailedCode, MailRequest, User
from portal.core.background.registry import JOBS
from portal.core.dates import today
from portal.core.machine import clock
from portal.core.mail.outbox import queue_mail
from portal.core.mail.sending import send_due_mail
from portal.core.models import ClockMark, HistoryEntry, OutgoingMail
from portal.core.readiness import missing
from portal.events.models import Basket, Hold
from portal.membership.forgotten_username import ask_for_username
from portal.membership.models import UsernameRequest
from portal.people.inviting import ask_for_new_link, invite
from portal.people.models import InvitationRequest
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FORGOTTEN = {
    Session,
    User,
    MailRequest,
    MailedCode,
    Basket,
    Hold,
    InvitationRequest,
    UsernameRequest,
}


@pytest.fixture
def now(settings, tmp_path) -> datetime:
    """This moment, which the clock has just been believed at."""
    settings.MAIL_FOLDER = tmp_path / "mail"
    cache.clear()
    moment = timezone.now()
    ClockMark.objects.update(at=moment, state="steady")
    return moment


@pytest.fixture
def world(now, alice, client_of) -> dict[str, int]:
    """One of each thing that grows old; how many rows each table has."""
    client_of(alice)
    User.objects.create(email="new@example.org")
    factories.hold(alice, factories.option(factories.event()))
    invite([factories.person("Ivy", "Invited", has_account=False)], actor="test", at=now)
    cache.set("tried", 5, timeout=60)
    return rows()


def rows() -> dict[str, int]:
    """How many rows each table of the database has."""
    counted = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()[0]
    return counted


def run_all() -> None:
    for job in JOBS.values():
        job.run()


@contextmanager
def the_clock_at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def gone(before: dict[str, int]) -> dict[str, int]:
    """By table, how many rows fewer there are."""
    after = rows()
    return {table: count - after[table] for table, count in before.items() if after[table] < count}


# --- Nothing goes ------------------------------------------------------------------------------
def test_at_a_clock_a_hundred_days_ahead_no_job_takes_a_row_from_any_table(world, now):
    """And once somebody says that it is right, each of them does: so the jobs were looking."""
    mail = OutgoingMail.objects.latest("pk")
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=now)
    keep_code("ABC-DEF", email=mail.to, purpose=MailedCode.Purpose.SIGN_IN, mail=mail)
    ask_for_username(number="999", at=now)
    ask_for_mail(MailRequest.Kind.RESET, email="new@example.org", at=now)
    ask_for_new_link("no such token", at=now)
    before = rows()
    with the_clock_at(now + 100 * DAY):
        run_all()
        run_all()
        assert gone(before) == {}

        call_command("setup", "--clock-is-right")
        run_all()

    assert set(gone(before)) >= {model._meta.db_table for model in FORGOTTEN}
    assert User.objects.filter(email="alice@example.org").exists()


def test_at_a_clock_a_day_behind_no_job_takes_a_row_from_any_table(world, now):
    with the_clock_at(now - DAY):
        run_all()
    assert gone(world) == {}


def test_a_clock_that_comes_back_finds_all_as_it_was(world, now):
    """But for what was tried how often: that was counted by the wrong clock."""
    with the_clock_at(now + 100 * DAY):
        run_all()
    run_all()

    assert gone(world) == {"core_cache": 1}
    assert clock.leap(at=timezone.now()) == ""


def test_a_sign_in_of_before_a_leap_still_holds_after_it(now, alice, client_of):
    browser = client_of(alice)
    elsewhere = client_of(alice)
    with the_clock_at(now + 100 * DAY):
        run_all()
        assert browser.get("/account/").status_code == 302, "out of date by that clock"

    assert elsewhere.get("/account/").status_code == 200
    assert Session.objects.count() == 2


def test_what_is_asked_for_before_a_leap_is_answered_after_it(now, alice):
    ask_for_username(number="100", at=now)
    with the_clock_at(now + 100 * DAY):
        run_all()
        assert not OutgoingMail.objects.exists()

    run_all()
    assert OutgoingMail.objects.get().to == alice.email


def test_a_mail_that_a_clock_ahead_made_due_goes_when_the_clock_is_right(now):
    with the_clock_at(now + 100 * DAY):
        queue_mail(
            "emails/base",
            to="alice@example.org",
            subject="Your place",
            context={},
            written_at=timezone.now(),
            priority=OutgoingMail.Priority.USUAL,
        )
    assert send_due_mail() == 1


# --- And in due time all goes ------------------------------------------------------------------
def test_from_day_to_day_what_is_old_is_forgotten(world, now):
    left = []
    for days in range(1, 62):
        with the_clock_at(now + days * DAY):
            run_all()
        left.append(
            [
                Session.objects.exists(),
                User.objects.filter(email="new@example.org").exists(),
                Basket.objects.exists(),
            ]
        )

    first_day = [[day[thing] for day in left].index(False) + 1 for thing in range(3)]
    assert first_day[:2] == [15, 8]
    assert 2 < first_day[2] < 60


@pytest.mark.parametrize(
    ("away", "goes_on"),
    [
        (clock.AHEAD, True),
        (clock.AHEAD + timedelta(seconds=1), False),
        (-clock.BEHIND, True),
        (-clock.BEHIND - timedelta(seconds=1), False),
    ],
)
def test_how_far_a_clock_may_be_away(now, away, goes_on):
    assert clock.may_forget(at=now + away) is goes_on


def test_the_mark_goes_with_the_clock_and_never_back(now):
    for ahead in (DAY, 2 * DAY, 4 * DAY):
        assert clock.may_forget(at=now + ahead)
    assert clock.may_forget(at=now + 4 * DAY - timedelta(minutes=4))
    assert ClockMark.objects.get().at == now + 4 * DAY
    assert not clock.may_forget(at=now + 3 * DAY)


def test_without_a_mark_nothing_is_forgotten(world, now, caplog):
    ClockMark.objects.all().delete()
    with the_clock_at(now + 100 * DAY):
        run_all()
    assert gone(world) == {"core_clockmark": 1}
    assert "--clock-is-right" in caplog.text
    assert "--clock-is-right" in missing(today())[0]

    clock.begin("default")
    assert clock.may_forget(at=timezone.now())


# --- It is said --------------------------------------------------------------------------------
def test_the_log_has_it_once_and_when_it_is_over(now, caplog):
    caplog.set_level(logging.WARNING, logger="portal.clock")
    for at in (now + 100 * DAY, now + 101 * DAY, now - DAY, now - DAY, now, now):
        clock.may_forget(at=at)

    said = [record.message.partition(":")[0] for record in caplog.records]
    assert said == [
        "The clock of this machine may be ahead",
        "The clock of this machine may be behind",
        "The clock is trusted again. Old records are deleted as before.",
    ]


def test_the_office_and_the_check_say_it_and_what_to_do(sam, client_of):
    ClockMark.objects.update(at=datetime.fromisoformat("2026-06-30T23:30Z"))
    with the_clock_at(datetime.fromisoformat("2026-10-08T09:00Z")):
        (sentence,) = missing(today())
        page = client_of(sam).get("/office/").text

    assert sentence == (
        "The clock of this machine may be ahead: it reads 10am on 8 October 2026, and the "
        "background work last ran at 12:30am on 1 July 2026. Until this is settled, no old "
        "records are deleted. If the clock is wrong, set it. If it is right, run `portal setup "
        "--clock-is-right`."
    )
    assert sentence in page


def test_who_says_that_the_clock_is_right_is_in_the_history(now, capsys):
    with the_clock_at(now + 100 * DAY):
        call_command("setup", "--clock-is-right")
        assert clock.leap(at=timezone.now()) == ""

    assert "The clock is now trusted" in capsys.readouterr().out
    entry = HistoryEntry.objects.get(act="clock believed")
    assert entry.actor_label == "portal setup --clock-is-right"
    assert entry.detail == {"before": now.isoformat()}


def test_what_was_counted_by_a_clock_ahead_locks_nobody_out(now):
    """Five tries that seem to be made in a hundred days would count until then."""
    with the_clock_at(now + 100 * DAY):
        clock.may_forget(at=timezone.now())
        cache.set("tried", 5, timeout=60)
    clock.may_forget(at=timezone.now())

    assert cache.get("tried") is None
