"""Copy the database of SQLite into a file, whole, while the portal goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from portal.core.machine.backup import CannotBackUp, back_up
from portal.core.machine.commands import PortalCommand


class Command(PortalCommand):
    help = (
        "Copy the database of SQLite into a new file, whole, while the portal goes on. "
        "PostgreSQL has `pg_dump` for that: see docs/deploying.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a file that is not there yet")

    def handle(self, *_: Any, **options: Any) -> None:
        if not settings.SQLITE:
            raise CommandError(
                "The portal is on PostgreSQL, which has a command of its own: "
                f"`pg_dump --format=custom --file={options['file']} "
                f"{settings.DATABASES['default']['NAME']}`.",
                returncode=2,
            )
        try:
            size = back_up(Path(settings.DATABASES["default"]["NAME"]), options["file"])
        except CannotBackUp as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{options['file']} has the whole database, {size:,} bytes.")
