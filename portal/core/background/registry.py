"""Background jobs.

Work that must not be lost is a row; a job is an idempotent function that takes the rows that are
due. `nudge` makes a job run soon after the transaction commits; besides, every job runs at its
own pace, so a lost nudge delays and never loses.

With SQLite the loop in `loop.py` runs them beside the web. With PostgreSQL the same functions
are Procrastinate tasks (`tasks.py`) on any number of workers.
"""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

# An address of a Unix socket fits into 104 bytes on every system.
ADDRESS_LIMIT = 100


@dataclass(frozen=True)
class Job:
    name: str
    run: Callable[[], object]
    every: timedelta


JOBS: dict[str, Job] = {}
_stop = threading.Event()


def job(*, every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function as a job. It lives in an app's `jobs.py`, found at start.

    Raises ValueError for a second job of a name: the name is what is kept in the queue.
    """

    def register(function: Callable[[], object]) -> Callable[[], object]:
        name = function.__name__
        if name in JOBS and JOBS[name].run.__module__ != function.__module__:
            raise ValueError(f"There are two jobs named {name}")
        JOBS[name] = Job(name, function, every)
        return function

    return register


@dataclass(frozen=True)
class _Nudge:
    """Waits for the commit. With PostgreSQL the job is in the queue already."""

    name: str

    def __call__(self) -> None:
        if connection.vendor != "postgresql":
            _knock(self.name)


def nudge(name: str) -> None:
    """Have a job run once the transaction is committed, however often it is asked for in it."""
    mark = _Nudge(name)
    around = set(connection.savepoint_ids)
    if any(mark == waiting[1] and waiting[0] <= around for waiting in connection.run_on_commit):
        return
    if connection.vendor == "postgresql":
        from portal.core.background import tasks

        tasks.defer(name)
    transaction.on_commit(mark)


def ask_to_stop() -> None:
    """The process is to end: a long job leaves off between two of its rows."""
    _stop.set()


def is_stopping() -> bool:
    """A job that takes many rows asks this before each: what it leaves is due at the next start."""
    return _stop.is_set()


def socket_path() -> Path:
    """Where the loop listens: in DATA, or in the machine's temporary folder if DATA is too deep."""
    path = Path(settings.DATA) / "jobs.sock"
    if len(os.fsencode(path)) <= ADDRESS_LIMIT:
        return path
    folder = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{folder}.sock"


def _knock(name: str) -> None:
    """Tell the loop. Never raises: without a loop, or with a busy one, the job's pace comes."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knock:
        knock.setblocking(False)
        knock.sendto(name.encode(), str(socket_path()))
