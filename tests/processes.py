"""Real processes of the portal, on the database that the test uses."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
OURS = ("PORTAL_", "EMAIL_", "DATABASE_")


def environment(**more: str) -> dict[str, str]:
    """What a process of the portal needs to work on this test's database and folder."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PORTAL_", "EMAIL_"))}
    cell: dict[str, Any] = connection.settings_dict
    if settings.SQLITE:
        url = f"sqlite:///{cell['NAME']}"
    else:
        url = f"postgres://{cell['USER']}@{cell['HOST']}:{cell['PORT']}/{cell['NAME']}"
        if cell["PASSWORD"]:
            url = url.replace("@", f":{cell['PASSWORD']}@", 1)
    return kept | {
        "PORTAL_DATA": str(settings.DATA),
        "PORTAL_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
        **more,
    }


@contextmanager
def portal(*words: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """`portal …` running; killed at the end if it is still there."""
    process = subprocess.Popen([sys.executable, "-m", "portal", *words], env=environment(**env))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


# --- Installations of their own, as whoever looks after the machine makes them ----------------
def new_installation(folder: Path) -> dict[str, str]:
    """The environment of a portal that keeps all it has in a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"PORTAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings"}


def made_once(shared: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of a run's workers makes for all of them."""
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            being_made = Path(tempfile.mkdtemp(dir=shared))
            make(being_made)
            being_made.rename(folder)
    return folder


def set_up(folder: Path) -> None:
    """`portal setup` in a new installation. Raises AssertionError where it fails."""
    done = run("setup", "--quiet", env=new_installation(folder))
    assert done.returncode == 0, done.stderr


def run(
    *words: str, env: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`portal …` run to its end; what it said and its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "portal", *words],
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(
    env: Mapping[str, str], *words: str, port: int | None = None, cwd: Path | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`portal serve` and its port, once it answers; killed at the end if it is still there."""
    port = port or free_port()
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port), *words]
    process = subprocess.Popen(command, env=env, cwd=cwd)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait for another process. Raises AssertionError when time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def get(url: str) -> tuple[int, str]:
    """The status and the words of an answer, whatever it is. Raises OSError without one."""
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


# --- What is left of them -----------------------------------------------------------------------
class HasPid(Protocol):
    """A process: of the standard library, or an attack's."""

    @property
    def pid(self) -> int: ...


def children(pid: int) -> dict[int, str]:
    """The ids and command lines of a process's living children."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if int(stat[1]) == pid and stat[0] != "Z":
            found[int(folder.name)] = words
    return found


def worker_of(web: HasPid) -> int | None:
    """The id of the worker beside the web; None where there is none."""
    return next((pid for pid, words in children(web.pid).items() if " worker " in words), None)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def is_free(port: int) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
