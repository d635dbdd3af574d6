"""Every test: on SQLite, on a real PostgreSQL, in a real Chromium; and `make attack`, in short.

A part that cannot run on this machine is named at the end, with how to get it; with CI=true it
fails. `make test TESTS="…"` gives words to pytest and runs on SQLite only, for work in progress.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import chromium
import postgresql

ROOT = Path(__file__).resolve().parent.parent
# What is compiled is kept, whatever the machine says: a run has hundreds of processes.
LEFT_OUT = {"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"}
# What `make attack` ends with where the machine lacks what a database's part needs.
NOTHING_HERE = 3
# In the order of tests/conftest.py: what takes long first.
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
failed: list[str] = []
not_run: list[str] = []


def main(words: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if words:
        return pytest(words)
    begun = time.monotonic()
    with part("On SQLite"):
        run("on SQLite", [*SIDE_BY_SIDE, "-m", "not browser"])
    with part("On PostgreSQL"):
        on_postgresql()
    with part("In Chromium"):
        in_chromium()
    with part("Under attack"):
        under_attack()
    return report(time.monotonic() - begun)


def on_postgresql() -> None:
    """All but what is about the code, or shown well enough by one database."""
    try:
        with postgresql.postgresql() as url:
            run(
                "on PostgreSQL",
                [*SIDE_BY_SIDE, "-m", "not browser and not house and not one_database"],
                DATABASE_URL=url,
            )
    except postgresql.NoPostgres as reason:
        not_run.append(f"On PostgreSQL: {reason}. To get it: {postgresql.HOW_TO_GET}.")


def in_chromium() -> None:
    found = chromium.find()
    if not found:
        not_run.append(f"In Chromium: there is none. To get it: {chromium.HOW_TO_GET}.")
        return
    side_by_side = ["-n", "2", "--dist", "worksteal"]
    run("in Chromium", [*side_by_side, "-m", "browser", "tests/browser"], CHROMIUM=found)


def under_attack() -> None:
    """The short form of `make attack`, on both databases."""
    # The same tries each time: new ones are for `make attack` itself.
    command = [sys.executable, "-m", "tools.attack", "--short", "--seed", "8"]
    environment = {n: v for n, v in os.environ.items() if n not in LEFT_OUT}
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if status == NOTHING_HERE:
        not_run.append("Under attack, on PostgreSQL: see above what is missing.")
    elif status:
        failed.append("under attack")


def run(name: str, words: list[str], **env: str) -> None:
    if pytest(words, **env):
        failed.append(name)


def pytest(words: list[str], **env: str) -> int:
    command = [sys.executable, "-m", "pytest", "--quiet", "--maxfail=10", *words]
    environment = {n: v for n, v in os.environ.items() if n not in LEFT_OUT} | env
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


@contextmanager
def part(title: str) -> Iterator[None]:
    print(f"\n== {title}", flush=True)
    begun = time.monotonic()
    yield
    print(f"   {time.monotonic() - begun:.0f} s", flush=True)


def report(seconds: float) -> int:
    print(f"\nAll of it took {seconds:.0f} s.")
    for line in not_run:
        print(f"NOT RUN  {line}")
    if failed:
        print(f"FAILED   {', '.join(failed)}")
        return 1
    if not_run and os.environ.get("CI") == "true":
        print("With CI=true every part must run.")
        return 1
    if not not_run:
        print("All parts ran, and all is well.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
