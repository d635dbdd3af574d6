"""The loop that runs the jobs beside the web, with the embedded SQLite database.

One at a time holds the lock; it dies with its process, so a killed loop is followed at once.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from types import FrameType

from django.db import close_old_connections

from portal.core.background.registry import JOBS, socket_path
from portal.core.locking import alone

log = logging.getLogger("portal.jobs")


class Loop:
    def __init__(self) -> None:
        self.stopping = False
        self.due = dict.fromkeys(JOBS, 0.0)

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, finishing the job under way."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            with alone("jobs") as taken:
                if taken:
                    self._serve()
                    return
            time.sleep(0.5)

    def _serve(self) -> None:
        path = socket_path()
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knocks:
            knocks.bind(str(path))
            path.chmod(0o600)
            parent = os.getppid()
            while not self.stopping and os.getppid() == parent:
                self.run_due()
                self._wait(knocks)
        path.unlink(missing_ok=True)

    def run_due(self) -> None:
        now = time.monotonic()
        for name, due in self.due.items():
            if due <= now and not self.stopping:
                self._run_job(name)

    def _run_job(self, name: str) -> None:
        self.due[name] = time.monotonic() + JOBS[name].every.total_seconds()
        close_old_connections()
        try:
            JOBS[name].run()
        except Exception:
            log.exception("The job %s failed; it is tried again at its time.", name)

    def _wait(self, knocks: socket.socket) -> None:
        """Until the next job is due or somebody knocks, and no longer than a second."""
        pause = min(self.due.values()) - time.monotonic()
        knocks.settimeout(min(max(pause, 0.01), 1.0))
        try:
            self.due[knocks.recv(100).decode()] = 0.0
            knocks.settimeout(0)
            while True:
                self.due[knocks.recv(100).decode()] = 0.0
        except (TimeoutError, BlockingIOError, InterruptedError):
            return

    def _stop(self, *_: int | FrameType | None) -> None:
        self.stopping = True
