"""The jobs as Procrastinate tasks, with PostgreSQL: deferred in the act's transaction, run at
their pace, retried, by any number of workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from portal.core.background.registry import JOBS

RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


def defer(name: str) -> None:
    """Add the job in the open transaction: it exists if, and only if, that commits."""
    app.tasks[name].defer()


def register() -> None:
    """Make a task of every job, once."""
    for job in JOBS.values():
        if job.name not in app.tasks:
            _register(job.name, job.run, job.every)


def _register(name: str, run: Any, every: timedelta) -> None:
    @app.periodic(cron=_cron(every), periodic_id=name)
    @app.task(name=name, retry=RETRY)
    def task(timestamp: int | None = None) -> None:
        run()


def _cron(every: timedelta) -> str:
    minutes = max(1, int(every.total_seconds() // 60))
    return f"*/{minutes} * * * *" if minutes < 60 else f"7 */{min(23, minutes // 60)} * * *"
