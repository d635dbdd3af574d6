"""Prepare the database and the static files, and list what is still missing."""

from __future__ import annotations

import hashlib
import sys
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from portal.core import dates
from portal.core.dates import today
from portal.core.machine import clock
from portal.core.machine.commands import PortalCommand
from portal.core.machine.data_folder import no_portal_yet
from portal.core.machine.demo import refusal
from portal.core.readiness import all_missing
from portal.core.rows.locking import in_turn
from portal.core.web.collecting import STAMP, collect, remove_left, write_whole


class Command(PortalCommand):
    help = (
        "Prepare the database (its tables and cache) and the static files, and list what is "
        "still missing before the portal can do its work. It is safe to run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="only list what is missing; exit with 0 when nothing is",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="fill an empty database with the demo institute, and list who can sign in",
        )
        parser.add_argument(
            "--clock-is-right",
            action="store_true",
            help=(
                "only record that you have checked this machine’s clock and it is right, so "
                "that old records are deleted again"
            ),
        )
        # `portal serve`, which never loads the apps, asks this before it serves the public.
        parser.add_argument("--refuse-demo", action="store_true", help=SUPPRESS)
        parser.add_argument("--quiet", action="store_true", help="print only what must be done")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["refuse_demo"]:
            if sentence := refusal():
                raise CommandError(sentence, returncode=2)
            return
        if options["check"]:
            lines = [sentence] if (sentence := no_portal_yet()) else self._unready()
            self._tell(lines)
            sys.exit(1 if lines else 0)
        if options["clock_is_right"]:
            self._believe_clock()
            return
        with in_turn("setup", waits=self._say_that_it_waits):
            self._make_ready()
            if options["demo"]:
                call_command("demo", if_empty=True, stdout=self.stdout)
        if not options["quiet"]:
            self._tell(all_missing(today()))

    def _believe_clock(self) -> None:
        if _pending_migrations():
            raise CommandError("Run `portal setup` first.", returncode=2)
        now = timezone.now()
        clock.believe(actor="portal setup --clock-is-right", at=now)
        self.stdout.write(
            f"The clock is now trusted: it is {dates.clock(now)} on "
            f"{dates.short_date(dates.on_day(now))}. Old records are deleted as before."
        )

    def _say_that_it_waits(self) -> None:
        self.stdout.write("Waiting for another `portal setup` …")
        self.stdout.flush()

    def _tell(self, missing: list[str]) -> None:
        if not missing:
            self.stdout.write("Everything is ready.")
            return
        self.stdout.write("Still missing:")
        for sentence in missing:
            self.stdout.write(f"- {sentence}")

    def _unready(self) -> list[str]:
        if _pending_migrations():
            return ["The database is not up to date. Run `portal setup`."]
        lines = all_missing(today())
        if not settings.DEBUG and _kept_stamp() != _static_stamp():
            lines.insert(0, "The static files are not up to date. Run `portal setup`.")
        return lines

    def _make_ready(self) -> None:
        if _pending_migrations():
            self.stdout.write("Preparing the database …")
            self.stdout.flush()
            call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        stamp = _static_stamp()
        if not settings.DEBUG and _kept_stamp() != stamp:
            self.stdout.write("Collecting the static files …")
            self.stdout.flush()
            collect()
            write_whole(_stamp_file(), stamp)
        if not settings.DEBUG:
            remove_left(today())


def _pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _stamp_file() -> Path:
    return Path(settings.STATIC_ROOT) / STAMP


def _kept_stamp() -> str:
    try:
        return _stamp_file().read_text()
    except OSError:
        return ""


def _static_stamp() -> str:
    """Changes whenever a static file of any app does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
    return digest.hexdigest()
