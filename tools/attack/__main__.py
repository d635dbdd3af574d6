"""`make attack`: try everything on SQLite and on PostgreSQL, and print what held."""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tools import postgresql
from tools.attack.frame import (
    NOTHING_HERE,
    CouldNotTry,
    Report,
    Theme,
    TimeIsUp,
    run_theme,
    stay_here,
    time_bound,
)
from tools.attack.sites import end_all
from tools.attack.themes import THEMES
from tools.attack.world import world

FULL, SHORT = 600, 240
STARTING = 60
GRACE = 30
TURNS = "ATTACK_TURNS"  # the file by which the two databases wait for each other
DATABASES = {"sqlite": False, "postgresql": True}


def main(words: list[str]) -> int:
    given = arguments(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stay_here()
    seconds = given.seconds or (SHORT if given.short else FULL)
    watchdog(seconds + GRACE)
    if len(given.databases) > 1:
        print(f"Seed {given.seed}. At most {seconds} s, on this machine only.\n", flush=True)
        return side_by_side(words, given)
    report, begun = Report(), time.monotonic()
    end = begun + seconds
    with tempfile.TemporaryDirectory(prefix="portal-attack-", ignore_cleanup_errors=True) as folder:
        (name,) = given.databases
        on_database(name, Path(folder) / name, given, report, end - time.monotonic())
    return report.end(time.monotonic() - begun)


def side_by_side(words: list[str], given: Any) -> int:
    """The databases are tried at once, in processes of their own; returns the worse exit status."""
    running = []
    with ExitStack() as stack:
        turns = stack.enter_context(tempfile.NamedTemporaryFile(prefix="portal-attack-"))
        env = os.environ | {"COLUMNS": str(Report().width), TURNS: turns.name}
        stack.callback(lambda: [_ended(process) for process, _ in running])
        for name in given.databases:
            command = [sys.executable, "-m", "tools.attack", *words]
            command += [f"databases={name}", f"seed={given.seed}"]
            process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE)
            reader = threading.Thread(target=pass_on, args=[process], daemon=True)
            reader.start()
            running.append((process, reader))
        statuses = [process.wait() for process, _ in running]
        for _, reader in running:
            reader.join(5)
    bad = [status for status in statuses if status not in {0, NOTHING_HERE}]
    return 1 if bad else max(statuses)


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    process.wait()


def pass_on(process: subprocess.Popen[bytes]) -> None:
    """Print what a process says as it comes: each attempt is written in one piece."""
    assert process.stdout
    while piece := os.read(process.stdout.fileno(), 65536):
        sys.stdout.write(piece.decode(errors="replace"))
        sys.stdout.flush()


def on_database(name: str, folder: Path, given: Any, report: Report, seconds: float) -> None:
    """All attacks on one database, within so many seconds."""
    end = time.monotonic() + seconds
    shown = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[name]
    report.begin(shown)
    options = {"short": given.short, "seed": given.seed, "on_postgresql": DATABASES[name]}
    folder.mkdir()
    made = world(folder, **options)
    try:
        with time_bound(STARTING):
            ready = made.__enter__()
    except postgresql.NoPostgres as reason:
        report.not_here.append(f"On PostgreSQL: {reason}. To get it: {postgresql.HOW_TO_GET}.")
        return
    except (CouldNotTry, TimeIsUp) as reason:
        report.untried.append(f"anything on {shown}: {reason or 'it was not ready in time'}")
        return
    try:
        for theme in given.themes:
            if given.short and name not in theme.short_on:
                continue
            with beside_others(alone=theme.measures and not given.short):
                bound = min(theme.short if given.short else theme.seconds, end - time.monotonic())
                run_theme(theme, ready, report, seconds=max(bound, 0.1))
    finally:
        made.__exit__(None, None, None)


@contextmanager
def beside_others(*, alone: bool) -> Iterator[None]:
    """Beside the attacks of the other database; `alone`: while it rests."""
    path = os.environ.get(TURNS)
    if path is None:
        yield
        return
    time.sleep(0.2)  # who waits to be alone comes first
    with Path(path).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a quick form of every attack")
    parser.add_argument("--seconds", type=int, default=0, help=f"the bound (default {FULL})")
    parser.add_argument("--only", default="", help="names with commas: outages,flood")
    parser.add_argument("--seed", type=int, default=0, help="repeat the random tries of a run")
    parser.add_argument(
        "--databases", default=",".join(DATABASES), help="sqlite, postgresql or both"
    )
    parser.add_argument("words", nargs="*", help="ONLY=…, SECONDS=…, SEED=… as words")
    given = parser.parse_args(words)
    for word in given.words:
        name, sign, value = word.partition("=")
        if not sign or name.lower() not in {"only", "seconds", "seed", "databases"}:
            parser.error(f"“{word}” is none of ONLY=…, SECONDS=…, SEED=…, DATABASES=…")
        setattr(given, name.lower(), value)
    try:
        given.seconds, given.seed = int(given.seconds or 0), int(given.seed or 0)
        given.themes = chosen(given.only)
        given.databases = [name for name in given.databases.split(",") if name]
    except ValueError as error:
        parser.error(str(error))
    if unknown := set(given.databases) - set(DATABASES):
        parser.error(f"{', '.join(unknown)}: there are {', '.join(DATABASES)}")
    if given.short:
        tried = {name for theme in given.themes for name in theme.short_on}
        given.databases = [name for name in given.databases if name in tried]
    given.seed = given.seed or random.SystemRandom().randrange(1, 1_000_000)
    return given


def chosen(only: str) -> list[Theme]:
    """The attacks of these names, or all. A beginning will do. Raises ValueError."""
    wanted = [name.strip().lower() for name in only.split(",") if name.strip()]
    for name in wanted:
        if not any(theme.name.startswith(name) for theme in THEMES):
            names = ", ".join(theme.name for theme in THEMES)
            raise ValueError(f"There is no attack “{name}”: there are {names}.")
    return [
        theme
        for theme in THEMES
        if not wanted or any(theme.name.startswith(name) for name in wanted)
    ]


def watchdog(seconds: float) -> None:
    """Whatever hangs, so many seconds are the end: a signal, and after ten more the process."""

    def bark() -> None:
        time.sleep(seconds)
        print(f"The attack is not over after {seconds:.0f} s: ended.", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        end_all()
        os._exit(1)

    threading.Thread(target=bark, name="watchdog", daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
