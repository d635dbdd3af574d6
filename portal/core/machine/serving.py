"""Serving the pages: one process that starts the web and, with SQLite, the worker, and ends both.

This process never loads the apps: it stays small and starts at once. Each child ends when it has
gone, however it went, so that nothing keeps the port or the worker's lock.
"""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from portal.core.web import request_bounds
from portal.core.web.gateway import Gateway

log = logging.getLogger("portal.serve")

APPLICATION = "portal.wsgi:application"
# A thread holds a connection to the database. SQLite has one writer, and Python one thread at
# work: more of either only wait for each other.
THREADS = 2
PATIENCE = 15
# Seconds that a web process has left once its parent is gone: the next needs the port.
AFTER_PARENT = 1.0
# Bytes of a request's address and headers that the server itself takes; what is less than this and
# still too much is told in a sentence (web/request_bounds.py).
_ONE_HEAD = 2 * (request_bounds.LONGEST_ADDRESS + request_bounds.MOST_HEADERS)
# What is as large as this goes back to the machine as soon as it is done with: hashing a password
# takes 19 MiB. Left to itself, glibc keeps it (mallopt(3)); other C libraries do not read this.
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
# Seconds within which a web that dies twice has never served: it would die again.
AT_ITS_START = 6.0
# Seconds that the web has the machine to itself at the start: somebody waits for the first page.
HEAD_START = 1.0


class AddressTaken(Exception):
    """Another program listens there, or the machine does not let us. Carries the sentence."""


def check_address(host: str, port: int) -> None:
    """Raises AddressTaken unless we could listen at this address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressTaken(
                    f"Port {port} is taken by another program. Stop that one, or choose another "
                    f"port: `make run PORT={port + 1}` or `portal serve --port {port + 1}`."
                ) from error
            raise AddressTaken(
                f"The portal cannot listen on {host}, port {port}: {error.strerror}."
            ) from error


def serve(host: str, port: int, *, processes: int, worker: Sequence[str] = ()) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status. `worker`: its command, if any.

    A web process that dies is started again, by the server library or, where two deaths within
    seconds made that give up, by us. What dies at its very start is broken, and ends it.
    """
    let_signals_end_children()
    for name, value in GIVE_BACK.items():
        os.environ.setdefault(name, value)
    beside = Child(worker) if worker else None
    pause = 0.0
    try:
        while True:
            begun = time.monotonic()
            status = _serve_once(_server(host, port, processes), beside)
            lived = time.monotonic() - begun
            if status == 0 or (not pause and lived < AT_ITS_START):
                return status
            pause = next_pause(pause, lived)
            log.warning("The web process ended (status %s) and is being restarted.", status)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _end)
            time.sleep(pause)
    finally:
        if beside:
            beside.stop()


def _server(host: str, port: int, processes: int) -> Any:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings, HTTP2Settings
    from granian.log import LogLevels

    return Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=processes,
        respawn_failed_workers=True,
        workers_kill_timeout=PATIENCE,
        log_level=LogLevels.warning,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=_ONE_HEAD),
        http2_settings=HTTP2Settings(max_headers_size=_ONE_HEAD),
    )


def _serve_once(server: Any, beside: Child | None) -> int:
    """Until it is stopped (0) or gives up; the worker is started with it."""
    if beside and beside.thread is None:
        server.on_startup(beside.start)
    try:
        server.serve(target_loader=load_application)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def _end(*_: Any) -> None:
    """Stopped between two servers: neither is there to be told."""
    sys.exit(0)


def next_pause(before: float, lived: float) -> float:
    """Seconds to wait before another start: the sooner it ends each time, the longer."""
    return 0.1 if lived > PATIENCE else min(max(before, 0.5) * 2, 30)


def load_application(target: str) -> Gateway:
    """In a web process: watch the parent, then load the apps."""
    starter = multiprocessing.parent_process()
    if starter is not None and starter.pid is not None:
        end_with(starter.pid, within=AFTER_PARENT)
    module, _, name = target.partition(":")
    application = getattr(import_module(module), name)
    # Not before somebody has the first page.
    later = threading.Timer(HEAD_START, _read_templates)
    later.daemon = True
    later.start()
    return Gateway(application, threads=THREADS)


def _read_templates() -> None:
    from portal.core.machine.templates import read_templates

    read_templates()


def let_signals_end_children() -> None:
    """A web process that is stopped while it starts ends at once.

    A forked one has our handlers, which only note the signal for our own loop; until the server
    library sets its own, a stop would be lost, and we would wait PATIENCE for a process that
    serves on. Between fork and that the signals wait, so that none falls between.
    """
    stops = {signal.SIGTERM, signal.SIGINT}

    def by_default() -> None:
        for number in stops:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, stops),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, stops),
        after_in_child=by_default,
    )


def end_with(parent: int, *, within: float = PATIENCE) -> None:
    """End this process once the one with this id, which started it, is gone.

    It may finish what is under way within so many seconds.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(within)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


@dataclass
class Child:
    """A process that is started again when it ends, more slowly each time it ends at once."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    is_over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._watch, name="worker-watch", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.is_over.set()
        if self.process is not None:
            self.process.terminate()
        if self.thread is None:
            return
        self.thread.join(PATIENCE)
        if self.thread.is_alive() and self.process is not None:
            self.process.kill()
            self.thread.join()

    def _watch(self) -> None:
        pause = HEAD_START
        while not self.is_over.wait(pause):
            begun = time.monotonic()
            self.process = subprocess.Popen(self.command)  # noqa: S603 - our own command
            if self.is_over.is_set():
                self.process.terminate()
            status = self.process.wait()
            if self.is_over.is_set():
                return
            pause = next_pause(pause, time.monotonic() - begun)
            log.warning("The worker ended (status %s) and is being restarted.", status)


def run_to_end(command: Sequence[str]) -> int:
    """Run a child to its end, passing a stop on; returns its exit status."""
    process = subprocess.Popen(command)  # noqa: S603 - our own command
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait() or 130
    finally:
        signal.signal(signal.SIGTERM, before)


def ourselves(*words: str) -> list[str]:
    """The command line of one of our own commands."""
    return [sys.executable, "-m", "portal", *words]
