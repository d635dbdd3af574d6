"""Background jobs.

Work that must not be lost is a row; a job is an idempotent function that takes the rows that are
due. `nudge` makes a job run soon after the transaction commits; besides, every job runs at its
own pace, so a lost nudge delays and never loses.

With SQLite the loop in `loop.py` runs them beside the web. With PostgreSQL the same functions
are Procrastinate tasks (`tasks.py`) on any number of workers.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


@dataclass(frozen=True)
class Job:
    name: str
    run: Callable[[], object]
    every: timedelta


JOBS: dict[str, Job] = {}


def job(*, every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function as a job. It lives in an app's `jobs.py`, found at start."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        JOBS[function.__name__] = Job(function.__name__, function, every)
        return function

    return register


def nudge(name: str) -> None:
    """Have a job run once the transaction is committed. Never raises: its pace comes anyway."""
    if connection.vendor == "postgresql":
        from portal.core.background import tasks

        tasks.defer(name)
    else:
        transaction.on_commit(lambda: _knock(name))


def socket_path() -> Path:
    return Path(settings.DATA) / "jobs.sock"


def _knock(name: str) -> None:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knock:
        knock.setblocking(False)
        knock.sendto(name.encode(), str(socket_path()))
