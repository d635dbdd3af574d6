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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

# An address of a Unix socket fits into 104 bytes on every system.
ADDRESS_LIMIT = 100


@dataclass(frozen=True)
class Job:
    """`waits_for_others`: it may be long about waiting for another machine, as for the mail server;
    the other jobs go on meanwhile. `forgets`: it takes away what is old."""

    name: str
    run: Callable[[], object]
    every: timedelta
    waits_for_others: bool = False
    forgets: bool = False


JOBS: dict[str, Job] = {}
_stop = threading.Event()
_held: ContextVar[dict[str, None] | None] = ContextVar("held", default=None)
_queues: list[Callable[[str], None]] = []


def job(
    *, every: timedelta, waits_for_others: bool = False, forgets: bool = False
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function as a job. It lives in an app's `jobs.py`, found at start.

    `forgets`: it takes away what is old, so it does nothing while the clock is in doubt. A job that
    does more besides asks `portal.core.machine.clock.may_forget` itself.

    Raises ValueError for a second job of a name, which is what is kept in the queue, and for a
    pace that cron cannot keep.
    """
    cron_of(every)

    def register(function: Callable[[], object]) -> Callable[[], object]:
        name = function.__name__
        if name in JOBS and JOBS[name].run.__module__ != function.__module__:
            raise ValueError(f"Two jobs are named {name}")
        run = _while_the_clock_is_believed(function) if forgets else function
        JOBS[name] = Job(name, run, every, waits_for_others, forgets)
        return run

    return register


def _while_the_clock_is_believed(function: Callable[[], object]) -> Callable[[], object]:
    @wraps(function)
    def run() -> object:
        from portal.core.machine.clock import may_forget

        return function() if may_forget(at=timezone.now()) else None

    return run


def cron_of(every: timedelta) -> str:
    """The pace as cron has it. Raises ValueError for one that cron would keep unevenly.

    Below a minute it is each minute: between, jobs are nudged.
    """
    minutes = max(1, int(every.total_seconds() // 60))
    if minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *"
    hours, rest = divmod(minutes, 60)
    if hours and not rest and 24 % hours == 0:
        return "7 0 * * *" if hours == 24 else f"7 */{hours} * * *"
    raise ValueError(
        f"A job cannot run every {every}: choose a time that divides an hour or a day evenly"
    )


@dataclass(frozen=True)
class _Nudge:
    """Waits for the commit. Where there is a queue, the job is in it already."""

    name: str

    def __call__(self) -> None:
        held = _held.get()
        if _queues:
            return
        if held is None:
            _knock(self.name)
        else:
            held[self.name] = None


def use_queue(put: Callable[[str], None]) -> None:
    """From now on `nudge` puts jobs into this queue, in the open transaction."""
    _queues[:] = [put]


def nudge(name: str) -> None:
    """Have a job run once the transaction is committed, however often it is asked for in it."""
    mark = _Nudge(name)
    around = set(connection.savepoint_ids)
    if any(mark == waiting[1] and waiting[0] <= around for waiting in connection.run_on_commit):
        return
    for put in _queues:
        put(name)
    transaction.on_commit(mark)


@contextmanager
def held_nudges() -> Iterator[None]:
    """Let the loop hear of nudges at the end of this block, not within it.

    With SQLite a job keeps others from writing while it is at work: a page that has more to write
    would wait for it, and its time would tell what the job has to do.
    """
    names: dict[str, None] = {}
    token = _held.set(names)
    try:
        yield
    finally:
        _held.reset(token)
        for name in names:
            _knock(name)


def ask_to_stop() -> None:
    """The process is to end: a long job leaves off between two of its rows."""
    _stop.set()


def is_stopping() -> bool:
    """A job that takes many rows asks this before each: what it leaves is due at the next start."""
    return _stop.is_set()


def wait_to_stop(seconds: float) -> bool:
    """Rest for so long, less when the process is to end; returns whether it is."""
    return _stop.wait(seconds)


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
