"""A portal to attack: installed by its own commands in a folder of its own, served on this machine.

Each process it starts leads a session of its own and has a log; all of them end with the site.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.attack.frame import CouldNotTry, until

ROOT = Path(__file__).resolve().parents[2]
OURS = ("PORTAL_", "EMAIL_", "DATABASE_", "DJANGO_")
STARTS_WITHIN = 40
# The id of every process that was started, each of which leads a session of its own.
STARTED: list[int] = []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def portal_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "portal", *words]


@dataclass
class Running:
    """A process of the site, and what it has said."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def is_up(self) -> bool:
        return self.process.poll() is None

    def stop(self, *, seconds: float = 20) -> None:
        """End it in good order; after so many seconds, and whatever it left, by force."""
        if self.is_up():
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End it and all that leads no session of its own, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Site:
    """An installation; `env` is what its processes are started with."""

    folder: Path
    port: int
    env: dict[str, str]
    running: list[Running] = field(default_factory=list)
    _inside: Inside | None = None
    _logs: int = 0

    @property
    def data(self) -> Path:
        return Path(self.env["PORTAL_DATA"])

    def run(
        self, *words: str, wrapper: Sequence[str] = (), seconds: float = 60, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """`portal …` to its end; what it said and its exit status."""
        try:
            return subprocess.run(
                [*wrapper, *portal_command(*words)],
                env=self.env | env,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise CouldNotTry(f"portal {words[0]} was not done within {seconds:.0f} s") from error

    def done(self, *words: str, **env: str) -> None:
        """`portal …`, which has to work. Raises CouldNotTry with what it said."""
        done = self.run(*words, **env)
        if done.returncode:
            raise CouldNotTry(f"portal {' '.join(words)}: {done.stderr.strip()[-300:]}")

    def start(self, *words: str, wrapper: Sequence[str] = (), **env: str) -> Running:
        """`portal …` beside us; ended by `stop` or with the site."""
        self._logs += 1
        log = self.folder / f"{self._logs:03d}-{words[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*wrapper, *portal_command(*words)],
                env=self.env | env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        STARTED.append(process.pid)
        self.running.append(Running(process, log))
        return self.running[-1]

    def serve(self, *words: str, port: int = 0, wrapper: Sequence[str] = (), **env: str) -> Running:
        """`portal serve`, once it answers. Raises CouldNotTry where it does not."""
        port = port or self.port
        started = self.start("serve", "--port", str(port), *words, wrapper=wrapper, **env)
        name = urlsplit(env.get("PORTAL_URL", "")).hostname or "127.0.0.1"

        def up() -> bool:
            return status_of(port, name=name) == 200

        until(lambda: up() or not started.is_up(), seconds=STARTS_WITHIN, pause=0.02)
        if not started.is_up() or not up():
            started.stop(seconds=1)
            raise CouldNotTry(f"portal serve does not start: {started.said.strip()[-300:]}")
        return started

    def inside(self, question: str, /, **given: Any) -> Any:
        """What a function of inside.py answers, in a process with this site's database."""
        if self._inside is None or not self._inside.is_up():
            self._inside = Inside(self)
        return self._inside.ask(question, given)

    def close(self) -> None:
        """End all that was started."""
        if self._inside is not None:
            self._inside.end()
        for one in reversed(self.running):
            if one.is_up():
                one.process.terminate()
        for one in reversed(self.running):
            one.stop(seconds=3)


class Inside:
    """A process that has the site's database open and answers one question at a time."""

    def __init__(self, site: Site) -> None:
        self._log = (site.folder / "inside.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.attack.inside"],
            env=site.env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        STARTED.append(self._process.pid)

    def is_up(self) -> bool:
        return self._process.poll() is None

    def ask(self, name: str, given: dict[str, Any]) -> Any:
        """Raises CouldNotTry with what went wrong inside."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps([name, given]) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BaseException:  # half a question leaves the other's answer in the pipe
            self.end()
            raise
        if not line:
            raise CouldNotTry(f"the process inside ended at {name}")
        answer = json.loads(line)
        if "error" in answer:
            raise CouldNotTry(f"inside, {name}: {answer['error']}")
        return answer["answer"]

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()


def new_site(folder: Path, *, mail_port: int, **env: str) -> Site:
    """A folder and the environment of a portal, with nothing in it yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir()
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    ours = {
        "PORTAL_DATA": str(folder / "data"),
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "DJANGO_SETTINGS_MODULE": "tools.attack.settings",
    }
    return Site(folder, port, kept | ours | env)


def founded(site: Site) -> Site:
    """The site, made ready and named by the commands of whoever looks after it."""
    site.done("setup", "--quiet")
    site.done(
        *("body", "Institute of Attack", "--short-name", "IoA", "--email", "office@example.org"),
        *("--phone", "0113 496 0677", "--address", "12 Demonstration Row, Leeds, LS1 4AP"),
    )
    return site


def end_all() -> None:
    """End whatever is left of what was started, where there is no time to do it one by one."""
    for pid in STARTED:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def answers(port: int) -> bool:
    """Whether the web there says that it is well."""
    return status_of(port) == 200


def status_of(port: int, path: str = "/healthz", *, name: str = "127.0.0.1") -> int:
    """The status of a bare request to a host of this name; 0 where nobody answers."""
    asked = f"GET {path} HTTP/1.0\r\nHost: {name}\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(asked)
            return int(line.recv(64).split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def seconds_until(condition: Any, *, seconds: float) -> float | None:
    """How long it took; None where time was up first."""
    begun = time.monotonic()
    return time.monotonic() - begun if until(condition, seconds=seconds, pause=0.02) else None
