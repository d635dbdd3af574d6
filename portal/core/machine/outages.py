"""Logging a fault of the machine when it begins and when it ends, not at each try.

The console drops the traceback of such an error wherever it comes from (Django, Procrastinate, a
job) and has it counted here instead: an outage of a minute is two lines, however many asked.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from portal.core.machine.faults import Fault, fault_of

log = logging.getLogger("portal.machine")

# Seconds between two lines about the same outage.
AGAIN_AFTER = 600.0
UNAVAILABLE = 503


@dataclass
class Outage:
    """The outage under way in this process, if there is one."""

    fault: Fault | None = None
    since: float = 0.0
    told: float = 0.0
    count: int = 0
    kept: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, error: BaseException) -> bool:
        """Count this error if it is the machine's fault; returns whether it is."""
        fault = fault_of(error)
        if fault is None:
            return False
        now = time.monotonic()
        with self._lock:
            self.count += 1
            is_new = fault is not self.fault
            if is_new:
                self.fault, self.since, self.count = fault, now, 1
            is_to_be_told = is_new or now - self.told >= AGAIN_AFTER
            if is_to_be_told:
                self.told = now
        if is_to_be_told:
            times = "" if is_new else f" It has failed {self.count} times."
            log.error("%s%s (%s)", fault.sentence, times, _first_line(error))
        return True

    def keeps(self, name: str, error: BaseException) -> bool:
        """Whether the machine's fault kept this job from its work."""
        is_fault = self.note(error)
        if is_fault:
            self.kept.add(name)
        return is_fault

    def lets(self, name: str) -> None:
        """This job could work. Another that only reads says nothing about a full disk."""
        if name in self.kept:
            self.kept.discard(name)
            if not self.kept:
                self.over()

    def over(self, *faults: Fault) -> None:
        """Something worked that this outage had kept from working (these faults; else any)."""
        if self.fault is None or (faults and self.fault not in faults):
            return
        with self._lock:
            fault, self.fault = self.fault, None
            self.kept.clear()
        if fault:
            log.warning(
                "All is well again after %d s. %s had failed.",
                time.monotonic() - self.since,
                "1 try" if self.count == 1 else f"{self.count} tries",
            )


outage = Outage()


class OneLinePerOutage(logging.Filter):
    """Holds back a record about a fault of the machine: the outage has its own two lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return not (_is_unavailable(record) and (outage.fault or _of_monitor(record)))
        return not outage.note(error)


def _is_unavailable(record: logging.LogRecord) -> bool:
    return getattr(record, "status_code", None) == UNAVAILABLE


def _of_monitor(record: logging.LogRecord) -> bool:
    """Asked again and again, and answered there."""
    return getattr(getattr(record, "request", None), "path", "") == "/readyz"


def reached(**_: Any) -> None:
    """A connection to the database was made (Django's signal `connection_created`)."""
    outage.over(Fault.AWAY, Fault.REFUSED)


def _first_line(error: BaseException) -> str:
    """What the driver said: what is around its error says less."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
