"""The loop that runs the jobs beside the web, with the embedded SQLite database.

One at a time holds the lock; it dies with its process, so a killed loop is followed at once. A job
that waits for another machine has its own thread: what a slow mail server has still to take keeps
no other job from writing the next message.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from contextlib import suppress
from types import FrameType

from django.db import close_old_connections

from portal.core.background.aside import Aside
from portal.core.background.patience import keep_at, next_pause, wait
from portal.core.background.registry import JOBS, ask_to_stop, is_stopping, socket_path
from portal.core.background.waiting import sign_of_life
from portal.core.machine.outages import outage
from portal.core.rows.locking import alone

log = logging.getLogger("portal.jobs")

SHOW_LIFE_EVERY = 10.0  # seconds


class Loop:
    """`parent`: the process to end with, where one has started the loop (0: none)."""

    def __init__(self, *, parent: int = 0) -> None:
        self.parent = parent
        self.due = dict.fromkeys(JOBS, 0.0)
        self.pause = 0.0
        self.shown = -SHOW_LIFE_EVERY
        self.aside: dict[str, Aside] = {}

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, finishing the row under way."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        keep_at(self._take_turns, is_over=self.is_over)

    def _take_turns(self) -> None:
        """Serve while no other does."""
        while not self.is_over():
            with alone("jobs") as taken:
                if taken:
                    self._serve()
                    return
            wait(0.5, is_over=self.is_over)

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
                    self._show_life()
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
            self._try(name)
        elif name not in self.aside or not self.aside[name].goes_round_again():
            self.aside[name] = Aside(name, lambda: self._try(name))
            self.aside[name].start()

    def _try(self, name: str) -> None:
        try:
            JOBS[name].run()
        except Exception as error:
            if outage.keeps(name, error):
                self._try_soon(name)
                return
            log.exception("The job %s failed. It will run again at its next time.", name)
        else:
            outage.lets(name)
            self.pause = 0.0 if outage.fault is None else self.pause

    def _try_soon(self, name: str) -> None:
        """What the machine kept from running does not wait until its next time."""
        self.pause = next_pause(self.pause, lived=0.0)
        self.due[name] = min(self.due[name], time.monotonic() + self.pause)

    def _show_life(self) -> None:
        """For whoever asks if a worker is at work (waiting.py); not at each turn of the loop."""
        now = time.monotonic()
        if now - self.shown >= SHOW_LIFE_EVERY:
            self.shown = now
            sign_of_life().touch()

    def _end_those_aside(self) -> None:
        """The row under way is finished before the lock is given back."""
        if self.is_over():
            ask_to_stop()
            for thread in self.aside.values():
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
