"""The loop that runs the jobs beside the web, with the embedded SQLite database.

One at a time holds the lock; it dies with its process, so a killed loop is followed at once.
A job that waits for another machine has a thread of its own: what a slow mail server has still to
take keeps no other job from writing the next message.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from types import FrameType

from django.db import close_old_connections, connection

from portal.core.background.registry import JOBS, Job, ask_to_stop, is_stopping, socket_path
from portal.core.locking import alone

log = logging.getLogger("portal.jobs")


class Loop:
    """`parent`: the process to end with, where one has started the loop (0: none)."""

    def __init__(self, *, parent: int = 0) -> None:
        self.parent = parent
        self.due = dict.fromkeys(JOBS, 0.0)
        self.aside: dict[str, _Aside] = {}

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, finishing the row under way."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.is_over():
            with alone("jobs") as taken:
                if taken:
                    self._serve()
                    return
            time.sleep(0.5)

    def is_over(self) -> bool:
        return is_stopping() or (self.parent != 0 and os.getppid() != self.parent)

    def run_due(self) -> None:
        """Run each job whose time has come, once."""
        now = time.monotonic()
        for name, due in self.due.items():
            if due <= now and not self.is_over():
                self._run_job(name)

    def _serve(self) -> None:
        path = socket_path()
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knocks:
            knocks.bind(str(path))
            path.chmod(0o600)
            try:
                while not self.is_over():
                    self.run_due()
                    self._wait(knocks)
            finally:
                self._end_those_aside()
                path.unlink(missing_ok=True)

    def _run_job(self, name: str) -> None:
        job = JOBS[name]
        self.due[name] = time.monotonic() + job.every.total_seconds()
        if not job.waits_for_others:
            close_old_connections()
            _run(job)
        elif name not in self.aside or not self.aside[name].goes_round_again():
            self.aside[name] = _Aside(job)
            self.aside[name].start()

    def _end_those_aside(self) -> None:
        """The row under way is finished before the lock is given back."""
        for thread in self.aside.values():
            ask_to_stop()
            thread.join()

    def _wait(self, knocks: socket.socket) -> None:
        """Until the next job is due or somebody knocks, and no longer than a second."""
        pause = min(self.due.values(), default=0.0) - time.monotonic()
        knocks.settimeout(min(max(pause, 0.01), 1.0))
        with suppress(TimeoutError, BlockingIOError):
            while True:
                self._answer(knocks.recv(100))
                knocks.settimeout(0)

    def _answer(self, knock: bytes) -> None:
        name = knock.decode(errors="replace")
        if name in self.due:
            self.due[name] = 0.0

    def _stop(self, *_: int | FrameType | None) -> None:
        """Also knocks at our own door, so that a wait ends at once."""
        ask_to_stop()
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knock:
            knock.setblocking(False)
            knock.sendto(b"", str(socket_path()))


class _Aside(threading.Thread):
    """A job in a thread of its own, which ends with it; once more where it was wanted meanwhile."""

    def __init__(self, job: Job) -> None:
        super().__init__(name=job.name)
        self._job = job
        self._lock = threading.Lock()
        self._wanted = True
        self._is_over = False

    def goes_round_again(self) -> bool:
        """Want it once more; False where it has ended and another is to be begun."""
        with self._lock:
            self._wanted = True
            return not self._is_over

    def run(self) -> None:
        try:
            while self._goes_on():
                _run(self._job)
        finally:
            connection.close()

    def _goes_on(self) -> bool:
        with self._lock:
            goes_on, self._wanted = self._wanted and not is_stopping(), False
            self._is_over = not goes_on
            return goes_on


def _run(job: Job) -> None:
    try:
        job.run()
    except Exception:
        log.exception("The job %s failed; it is tried again at its time.", job.name)
