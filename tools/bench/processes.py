"""Starting the portal, and reading what its processes take from /proc."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
OURS = ("PORTAL_", "EMAIL_", "DATABASE_")


@dataclass
class Site:
    """A portal in a folder of its own; `env` is what its processes are started with.

    `code` is the folder of its code, `python` that of its environment: today's or another's.
    """

    folder: Path
    port: int
    env: dict[str, str]
    code: Path = ROOT
    python: str = sys.executable

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def portal(self, *words: str) -> None:
        """Run `portal …`. Raises CalledProcessError with what it said."""
        command = [self.python, "-m", "portal", *words]
        subprocess.run(command, env=self.env, cwd=self.code, check=True, stdout=subprocess.DEVNULL)

    def inside(self, *words: str) -> Any:
        """What a function of inside.py answers."""
        command = [self.python, "-m", "tools.bench.inside", *words]
        done = subprocess.run(
            command, env=self.env, cwd=self.code, check=True, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)

    @contextmanager
    def served(self, *words: str) -> Iterator[tuple[int, float]]:
        """`portal serve`: the id of its process and the seconds until its first page."""
        command = [self.python, "-m", "portal", "serve", "--port", str(self.port), *words]
        begun = time.monotonic()
        process = subprocess.Popen(command, env=self.env, cwd=self.code, stdout=subprocess.DEVNULL)
        try:
            while not self._answers():
                if process.poll() is not None or time.monotonic() - begun > 60:
                    raise RuntimeError("the portal does not start")
                time.sleep(0.01)
            yield process.pid, time.monotonic() - begun
        finally:
            process.terminate()
            process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/", timeout=10) as response:
                return bool(response.status == 200)
        except OSError:
            return False


def new_site(folder: Path, *, code: Path | None = None, **env: str) -> Site:
    """A portal with the demo institute, not yet served; `code`: a folder with another's `.venv`."""
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    ours = {
        "PORTAL_DATA": str(folder),
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "tools.bench.settings",
    }
    site = Site(folder, port, kept | ours | env)
    if code is not None:
        site.code, site.python = code, str(code / ".venv" / "bin" / "python")
    site.portal("setup", "--demo", "--quiet")
    return site


def tree(pid: int) -> list[int]:
    """The process and all that come from it."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            parents[int(folder.name)] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_seconds(*pids: int) -> float:
    """Processor time of these processes and all that come or came from them."""
    ticks = 0
    for pid in {one for root in pids for one in tree(root)}:
        if fields := _stat(pid):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def megabytes(pid: int) -> float:
    """The proportional set size of the process and all that come from it."""
    kilobytes = 0
    for one in tree(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        kilobytes += next(int(row.split()[1]) for row in text.splitlines() if row[:4] == "Pss:")
    return kilobytes / 1024


def most_megabytes(pid: int, act: Callable[[], object]) -> float:
    """The most that it and all that come from it take while something is done."""
    sizes = [megabytes(pid)]
    doing = threading.Thread(target=act)
    doing.start()
    while doing.is_alive():
        sizes.append(megabytes(pid))
        doing.join(0.01)
    return max(sizes)


def _stat(pid: int) -> list[str] | None:
    """State, parent, … of /proc/PID/stat, from its third field on; None where it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
