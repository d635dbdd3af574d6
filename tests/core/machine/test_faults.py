"""What is the machine's fault is told from what is the portal's."""

import errno
import sqlite3
import subprocess
import sys

import psycopg
import pytest
from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from portal.accounts.models import User
from portal.core.machine.faults import Fault, fault_of
from tests.processes import new_installation

pytestmark = pytest.mark.house


def as_django(error, wrapped=OperationalError):
    try:
        raise wrapped(*error.args) from error
    except wrapped as raised:
        return raised


def of_sqlite(code, words):
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("57P01", Fault.AWAY),
        ("57P03", Fault.AWAY),
        ("08006", Fault.AWAY),
        ("53300", Fault.AWAY),
        ("53100", Fault.FULL),
        ("25006", Fault.READ_ONLY),
        ("58030", Fault.DISK),
        ("28P01", Fault.REFUSED),
        ("3D000", Fault.REFUSED),
        ("40P01", None),
        ("23505", None),
        ("42P01", None),
        ("22001", None),
    ],
)
def test_by_what_postgresql_says(state, fault):
    error = psycopg.errors.lookup(state)("told")

    assert fault_of(error) is fault
    assert fault_of(as_django(error)) is fault


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("connection failed: port 5432 failed: Connection refused", Fault.AWAY),
        ("failed to resolve host 'db.example.org'", Fault.AWAY),
        ("consuming input failed: server closed the connection unexpectedly", Fault.AWAY),
        ("the connection is closed", Fault.AWAY),
        ("failed: FATAL:  the database system is starting up", Fault.AWAY),
        ("failed: FATAL:  the database system is shutting down", Fault.AWAY),
        ("failed: FATAL:  sorry, too many clients already", Fault.AWAY),
        ('failed: FATAL:  password authentication failed for user "portal"', Fault.REFUSED),
        ('failed: FATAL:  database "portal" does not exist', Fault.REFUSED),
        ('failed: FATAL:  role "portal" does not exist', Fault.REFUSED),
    ],
)
def test_by_what_is_said_of_the_connection(said, fault):
    assert fault_of(as_django(psycopg.OperationalError(said))) is fault


@pytest.mark.parametrize(
    ("code", "words", "fault"),
    [
        (sqlite3.SQLITE_FULL, "database or disk is full", Fault.FULL),
        (sqlite3.SQLITE_READONLY, "attempt to write a readonly database", Fault.READ_ONLY),
        (sqlite3.SQLITE_READONLY_DBMOVED, "attempt to write a readonly database", Fault.READ_ONLY),
        (sqlite3.SQLITE_IOERR_WRITE, "disk I/O error", Fault.DISK),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked", Fault.BUSY),
        (sqlite3.SQLITE_CANTOPEN, "unable to open database file", Fault.REFUSED),
        (sqlite3.SQLITE_ERROR, "no such table: people_person", None),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed", None),
    ],
)
def test_by_what_sqlite_says(code, words, fault):
    assert fault_of(as_django(of_sqlite(code, words))) is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), Fault.FULL),
        (OSError(errno.EROFS, "Read-only file system"), Fault.READ_ONLY),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x.lock"), Fault.READ_ONLY),
        (PermissionError(errno.EPERM, "Operation not permitted"), None),  # by a firewall
        (InterfaceError("connection already closed"), Fault.AWAY),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (ConnectionRefusedError(errno.ECONNREFUSED, "a mail server"), None),
        (InterfaceError("the cursor is closed"), None),
        (OperationalError("raised by nobody's database"), None),
        (ValueError("disk is full"), None),
        (None, None),
    ],
)
def test_other_errors(error, fault):
    assert fault_of(error) is fault


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["SELECT * FROM no_such_table", "SELECT no_such_column"])
def test_what_the_database_refuses_for_our_own_mistakes_is_no_fault_of_the_machine(broken):
    with pytest.raises((OperationalError, ProgrammingError)) as raised, transaction.atomic():
        connection.cursor().execute(broken)
    assert fault_of(raised.value) is None

    User.objects.create_user("twice@example.org")
    with pytest.raises(IntegrityError) as twice, transaction.atomic():
        User.objects.create_user("twice@example.org")
    assert fault_of(twice.value) is None


@pytest.mark.parametrize("blocks", [0, 40, 2400])
def test_a_folder_without_room_is_a_sentence_and_no_traceback(tmp_path, blocks):
    """As a full disk: no file can grow beyond so many blocks of 512 bytes."""
    command = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable, "-m", "portal"]

    done = subprocess.run(
        [*command, "setup"],
        env=new_installation(tmp_path) | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert any(words in done.stderr for words in ("no room left", "disk", "cannot read or make"))
