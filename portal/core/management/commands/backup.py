"""Copy the whole SQLite database into a file while the portal keeps running."""

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
        "Copy the whole SQLite database into a new file while the portal keeps running. For "
        "PostgreSQL use `pg_dump`: see docs/deploying.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="the file to write, which must not exist yet"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if not settings.SQLITE:
            raise CommandError(
                "The portal is on PostgreSQL, which has its own command: `pg_dump "
                f"--format=custom --file={options['file']} "
                f"{settings.DATABASES['default']['NAME']}`.",
                returncode=2,
            )
        try:
            size = back_up(Path(settings.DATABASES["default"]["NAME"]), options["file"])
        except CannotBackUp as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{options['file']} holds the whole database, {size:,} bytes.")
