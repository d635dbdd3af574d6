"""What the measures share: portals made once and the yardstick, the bare view."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from tools import postgresql
from tools.bench.processes import Site, cpu_seconds, new_site
from tools.bench.visitors import rate

COURSE = "measured-course"


class World:
    """A temporary folder with the portals of this run. Each is made when it is first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack

    @cached_property
    def site(self) -> Site:
        """The demo institute on SQLite, with a course that anybody may book."""
        site = self.calm("sqlite")
        site.inside("event", COURSE, "")
        return site

    @cached_property
    def postgresql(self) -> str:
        """The address of a server of our own. Raises NoPostgres where there can be none."""
        return self._stack.enter_context(postgresql.postgresql())

    def new(self, name: str, *, code: Path | None = None, **env: str) -> Site:
        """Another demo institute, in a folder of this name."""
        print(f"(filling a database: {name} …)", flush=True)
        return new_site(self.folder / name, code=code, **env)

    def calm(self, name: str, *, code: Path | None = None) -> Site:
        """As `new`, with all mail of the demo's year sent: some hundreds, half of them with a PDF.

        Else the worker would write them beside whatever is measured first.
        """
        site = self.new(name, code=code)
        with site.served():
            settle(site, at_least=1, quiet=3)
        return site

    def on_both(self, name: str) -> list[tuple[str, Site | None, str]]:
        """A new institute on SQLite and on PostgreSQL; or why there is none."""
        found: list[tuple[str, Site | None, str]] = [("SQLite", self.new(f"{name}-sqlite"), "")]
        try:
            url = self._database(name)
        except postgresql.NoPostgres as reason:
            return [*found, ("PostgreSQL", None, str(reason))]
        return [*found, ("PostgreSQL", self.new(f"{name}-postgresql", DATABASE_URL=url), "")]

    def _database(self, name: str) -> str:
        """The address of an empty database of its own."""
        import psycopg

        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"{self.postgresql.rpartition('/')[0]}/{name}"


def bare_cpu(site: Site, pid: int, *, seconds: int = 2) -> float:
    """Seconds of processor time that one request of the bare view takes."""
    before = cpu_seconds(pid)
    _, count = rate(f"{site.url}/bare/", seconds=seconds)
    return (cpu_seconds(pid) - before) / count


def sent(site: Site) -> list[Path]:
    return list((site.folder / "mail").glob("*.eml"))


def settle(site: Site, *, at_least: int = 0, quiet: int = 1) -> None:
    """Until no mail has come for so many seconds: then the worker is done.

    Raises RuntimeError after five minutes.
    """
    end, count = time.monotonic() + 300, -1
    while count != len(sent(site)) or count < at_least:
        if time.monotonic() > end:
            raise RuntimeError(f"{count} mails were sent, where {at_least} should be")
        count = len(sent(site))
        time.sleep(quiet)
