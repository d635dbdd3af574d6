"""Whether the background work is getting done: when a worker last ran, and what has waited
longest.

Told on the office's front page and by `portal setup --check` (portal/core/readiness.py) and at
`/readyz`. No names, no addresses: `/readyz` is open to everybody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Max, Min, Q
from django.db.models.functions import Coalesce

from portal.core import dates
from portal.core.models import OutgoingMail
from portal.core.rows.locking import alone

# What waits longer than this is late: every job comes round within minutes.
LATE_AFTER = timedelta(minutes=5)


def late(at: datetime) -> list[str]:
    """A sentence for each thing that is late at this moment; empty where all is well."""
    seen, job, mail = worker_seen(), oldest_job(at), oldest_mail(at)
    command = "`portal serve`" if settings.SQLITE else "`portal worker`"
    lines = []
    if seen is not None and _is_late(seen, at) and not _loop_is_busy():
        lines.append(f"No worker has run since {_moment(seen)}. Start {command}.")
    if job is not None and _is_late(job, at):
        lines.append(
            f"The oldest job has been waiting since {_moment(job)}. Check that {command} is "
            "running."
        )
    if mail is not None and _is_late(mail, at):
        lines.append(
            f"The oldest email has been waiting since {_moment(mail)}. Check that {command} is "
            "running and that the mail server answers."
        )
    return lines


def worker_seen() -> datetime | None:
    """When a worker last was at work; None where there is no trace of one."""
    if settings.SQLITE:
        try:
            return datetime.fromtimestamp(sign_of_life().stat().st_mtime, tz=UTC)
        except FileNotFoundError:
            return None
    from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer, ProcrastinateWorker

    # A worker that was stopped leaves no row, but what it deferred by the clock.
    beat = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    ticks = ProcrastinatePeriodicDefer._default_manager
    tick = ticks.aggregate(last=Max("defer_timestamp"))["last"]
    seen = [beat] if beat else []
    if tick:
        seen.append(datetime.fromtimestamp(tick, tz=UTC))
    return max(seen, default=None)


def oldest_mail(at: datetime) -> datetime | None:
    """Since when the message that waits longest is due."""
    due = OutgoingMail.objects.filter(sent_at=None, given_up_at=None, due_at__lte=at)
    oldest: datetime | None = due.aggregate(oldest=Min("due_at"))["oldest"]
    return oldest


def oldest_job(at: datetime) -> datetime | None:
    """Since when the job that waits longest is due. With SQLite jobs are not queued."""
    if settings.SQLITE:
        return None
    from procrastinate.contrib.django.models import ProcrastinateEvent

    waiting = ProcrastinateEvent.objects.filter(type="deferred", job__status="todo")
    due = waiting.filter(Q(job__scheduled_at=None) | Q(job__scheduled_at__lte=at))
    oldest: datetime | None = due.aggregate(oldest=Min(Coalesce("job__scheduled_at", "at")))[
        "oldest"
    ]
    return oldest


def sign_of_life() -> Path:
    """The file whose time the loop beside the web sets as long as it lives."""
    return Path(settings.DATA) / "worker-alive"


def _is_late(since: datetime, at: datetime) -> bool:
    return at - since > LATE_AFTER


def _loop_is_busy() -> bool:
    """The loop holds its lock, and has been at one job for long."""
    if not settings.SQLITE:
        return False
    try:
        with alone("jobs") as taken:
            return not taken
    except OSError:
        return False


def _moment(moment: datetime) -> str:
    return f"{dates.clock(moment)} on {dates.long_date(dates.on_day(moment))}"
