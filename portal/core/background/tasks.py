"""The jobs as Procrastinate tasks, with PostgreSQL: deferred in the act's transaction, run at
their pace, retried, by any number of workers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import JobDeferrer, Status
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

from portal.core.background.patience import Interrupted, keep_at
from portal.core.background.registry import JOBS, ask_to_stop, cron_of, is_stopping, use_queue
from portal.core.machine.clock import may_forget
from portal.core.machine.outages import outage
from portal.core.models import OutgoingMail

RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)
# Seconds until a worker that finds no connection takes the database for away.
ANSWERS_WITHIN = 5.0
# What Procrastinate raises where its connections fail it.
CONNECTION_LOST = (ConnectorException, psycopg.Error)
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


def work(*, is_over: Callable[[], bool] = is_stopping) -> None:
    """Run jobs until SIGTERM or SIGINT, finishing the row under way.

    An outage of the database does not end it: it waits, and goes on. Each job runs once at the
    start and after an outage: a worker that was cut off may have left something due.
    Raises DatabaseError where the portal is not let in, or the tables are not there.
    """
    hand = _Hand()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, hand.stop)
    keep_at(lambda: _work_once(hand), is_over=is_over)


@dataclass
class _Hand:
    """By which a signal reaches the work, wherever it is."""

    end: Callable[[], object] | None = None

    def stop(self, *_: object) -> None:
        ask_to_stop()
        if self.end is not None:
            self.end()


def _work_once(hand: _Hand) -> None:
    """Until it is stopped. Raises the database's error, or Interrupted, where something else
    ended it."""
    close_old_connections()
    OutgoingMail.objects.exists()  # a database without its tables stops the start
    for name in JOBS:
        defer(name)
    outage.over()
    connector = PsycopgConnector(kwargs=connector_params(), timeout=ANSWERS_WITHIN)
    try:
        with app.replace_connector(connector):
            asyncio.run(_work(hand))
    except CONNECTION_LOST as error:
        if not outage.note(error):
            raise
        raise Interrupted from error
    if not is_stopping():
        raise Interrupted


async def _work(hand: _Hand) -> None:
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=AT_ONCE, delete_jobs="successful", install_signal_handlers=False
            )
        )
        loop = asyncio.get_running_loop()
        hand.end = lambda: loop.call_soon_threadsafe(worker.cancel)
        try:
            if is_stopping():
                worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
        finally:
            hand.end = None


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
        try:
            run()
        except Exception as error:
            outage.keeps(name, error)
            raise
        outage.lets(name)
