"""While the machine fails pages answer 503 with what to do, and the log has a line."""

import logging
import sqlite3
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import InternalError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from portal.core.machine.faults import Fault
from portal.core.machine.outages import OneLinePerOutage, Outage, outage
from tests.factories import PASSWORD

AWAY = psycopg.OperationalError("connection failed: Connection refused")


@pytest.fixture(autouse=True)
def no_outage():
    outage.over()
    yield
    outage.over()


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


@contextmanager
def failing(error):
    """Every query fails with this error of the driver."""

    def fail(*_):
        raise OperationalError(*error.args) from error

    with connection.execute_wrapper(fail):
        yield


@contextmanager
def read_only():
    """The database as a server or a file that may only be read."""
    on, off = (
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
        if settings.SQLITE
        else ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(off)


@pytest.mark.django_db
def test_with_the_database_away_every_page_says_when_to_come_back(browser, sam, client_of):
    office = client_of(sam)
    office.raise_request_exception = False
    with failing(AWAY):
        for client, path in [
            (browser, "/"),
            (browser, reverse("account_login")),
            (browser, "/brand/no/such/page"),
            (office, "/office/"),
            (office, "/office/people/person/"),
        ]:
            page = client.get(path)
            assert (path, page.status_code) == (path, 503)
            assert page["Retry-After"] == "120"
            assert "Go back and try again in a few minutes." in page.content.decode()
            assert 'rel="stylesheet"' in page.content.decode()
        assert browser.get("/healthz").status_code == 200
        ready = browser.get("/readyz")
        assert (ready.status_code, ready.content) == (
            503,
            b"The portal cannot reach the database. Check DATABASE_URL.\n",
        )

    assert browser.get("/").status_code == 200
    assert browser.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_what_is_the_portal_s_own_fault_stays_a_500(browser):
    error = sqlite3.OperationalError("no such column: people.nonsense")
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR
    with failing(error):
        assert browser.get("/").status_code == 500


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_saved_is_told_and_is_no_visitor_who_tries_too_often(browser, alice):
    """The rate limit writes first: it must not take that for another's lock on its key."""
    typed = {"login": alice.user.email, "password": PASSWORD}
    with read_only():
        pages = [
            browser.post(reverse("account_login"), typed),
            browser.post(reverse("account_reset_password"), {"email": alice.user.email}),
            browser.post(reverse("account_request_login_code"), {"email": alice.user.email}),
        ]
        shown = browser.get("/")

    assert [page.status_code for page in pages] == [503, 503, 503]
    assert all(
        "The portal cannot save anything at the moment." in p.content.decode() for p in pages
    )
    assert shown.status_code == 200
    assert browser.post(reverse("account_login"), typed).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_cache_says_that_it_cannot_write():
    cache.set("kept", 1)
    assert (cache.add("kept", 2), cache.get("kept")) == (False, 1)
    with read_only():
        for write, key in ((cache.add, "new"), (cache.set, "new"), (cache.touch, "kept")):
            with pytest.raises((OperationalError, InternalError)) as raised:
                write(key, 1)
            assert outage.note(raised.value)
            assert outage.fault is Fault.READ_ONLY
    assert cache.get("new") is None


# --- The log -----------------------------------------------------------------------------------
def test_an_outage_is_a_line_at_its_begin_and_one_at_its_end(caplog):
    under_way = Outage()
    for _ in range(50):
        assert under_way.note(AWAY)
    under_way.over(Fault.FULL)
    assert under_way.fault is Fault.AWAY
    under_way.over()
    under_way.over()

    assert caplog.messages == [
        "The portal cannot reach the database. Check DATABASE_URL. (connection failed: "
        "Connection refused)",
        "All is well again after 0 s. 50 tries had failed.",
    ]


def test_a_long_outage_is_told_again_with_its_count(caplog, monkeypatch):
    now = iter([0.0, 5.0, 700.0, 701.0])
    monkeypatch.setattr("portal.core.machine.outages.time.monotonic", lambda: next(now))
    under_way = Outage()
    for _ in range(4):
        under_way.note(AWAY)

    assert len(caplog.messages) == 2
    assert "It has failed 3 times." in caplog.messages[1]


def test_the_console_drops_the_tracebacks_of_an_outage_and_no_other(caplog):
    def record(error):
        info = (type(error), error, None)
        return logging.LogRecord("django.request", logging.ERROR, "", 1, "x", None, info)

    keep = OneLinePerOutage().filter

    assert [keep(record(AWAY)), keep(record(AWAY)), keep(record(ValueError()))] == [
        False,
        False,
        True,
    ]
    assert len(caplog.messages) == 1


@pytest.mark.django_db
def test_a_connection_that_is_made_ends_it(caplog):
    outage.note(AWAY)
    Client().get("/healthz")
    assert outage.fault is Fault.AWAY

    from django.db.backends.signals import connection_created

    connection_created.send(sender=type(connection), connection=connection)

    assert outage.fault is None
    assert caplog.messages[-1] == "All is well again after 0 s. 1 try had failed."
