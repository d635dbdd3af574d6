"""The jobs as Procrastinate tasks, with PostgreSQL: deferred in the act's transaction, run at
their pace, retried, by any number of workers."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import JobDeferrer, Status
from procrastinate.manager import JobManager

from portal.core.background.registry import JOBS, ask_to_stop, cron_of, use_queue
from portal.core.clock import may_forget

RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)
KEEP_FAILED_HOURS = 24 * 14
AT_ONCE = 2  # one may wait for the mail server, and the other jobs go on meanwhile


def defer(name: str) -> None:
    """Add the job in the open transaction: it exists if, and only if, that commits.

    Always on Django's own connection, also inside a worker, whose tasks have another.
    """
    job = app.tasks[name].configure().job
    JobDeferrer(job_manager=JobManager(DjangoConnector()), job=job).defer()


def register() -> None:
    """Make a task of every job, once, and have nudges put them into the queue."""
    use_queue(defer)
    for job in JOBS.values():
        if job.name not in app.tasks:
            _register(job.name, job.run, job.every)
    if "tidy_queue" not in app.tasks:
        task = app.task(name="tidy_queue")(tidy_queue)
        app.periodic(cron="*/5 * * * *", periodic_id="tidy_queue")(task)


def work() -> None:
    """Run jobs until SIGTERM or SIGINT, finishing the row under way.

    Each job runs once at the start: a worker that was killed may have left something due.
    """
    for name in JOBS:
        defer(name)
    with app.replace_connector(DjangoConnector().get_worker_connector()):
        asyncio.run(_work())


async def _work() -> None:
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=AT_ONCE, delete_jobs="successful", install_signal_handlers=False
            )
        )

        def stop() -> None:
            ask_to_stop()
            worker.cancel()

        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, stop)
        with suppress(asyncio.CancelledError):
            await worker


async def tidy_queue(timestamp: int | None = None) -> None:  # noqa: ARG001 - Procrastinate's
    """Remove what killed workers left behind, and what failed long ago.

    What such a job would have done is due at its next time: the rows say so.
    """
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    if await sync_to_async(_may_forget)():
        await app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_HOURS, include_failed=True)


def _may_forget() -> bool:
    close_old_connections()
    return may_forget(at=timezone.now())


def _register(name: str, run: Any, every: timedelta) -> None:
    @app.periodic(cron=cron_of(every), periodic_id=name)
    @app.task(name=name, retry=RETRY)
    def task(timestamp: int | None = None) -> None:  # noqa: ARG001 - Procrastinate's
        run()
