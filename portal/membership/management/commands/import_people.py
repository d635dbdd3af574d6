"""Import members and customers from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from portal.core.sheets import Outcome, Progress, read_sheet
from portal.core.sheets.command import ImportCommand
from portal.membership.importing_people.columns import COLUMNS
from portal.membership.importing_people.importing import import_people


class Command(ImportCommand):
    help = (
        "Import members and customers from a CSV file (UTF-8, separated by commas). All rows are "
        "checked before any is written. Running the same file again changes nothing. The columns, "
        f"in any order: {', '.join(COLUMNS)}. See docs/importing.md."
    )
    things = ("person", "people")
    columns = COLUMNS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-bad",
            action="store_true",
            help="Import the good rows and report the bad ones. Otherwise one bad row stops all.",
        )
        parser.add_argument(
            "--verified",
            action="store_true",
            help="The office vouches for who works where: colleagues of a verified organisation "
            "can see each other when they register somebody.",
        )

        parser.add_argument(
            "--trust-numbers",
            action="store_true",
            help="The membership numbers are right: a known number under another name is that "
            "person’s new name, and one that differs from a known one in its zeros is new.",
        )

    def run_import(self, path: Path, progress: Progress, options: dict[str, Any]) -> Outcome:
        return import_people(
            read_sheet(path, self.columns, windows_text=options["windows_text"]),
            actor="portal import people",
            at=timezone.now(),
            verified=options["verified"],
            skip_bad=options["skip_bad"],
            dry_run=options["dry_run"],
            trust_numbers=options["trust_numbers"],
            progress=progress,
        )
