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
        "Import members and customers from a CSV file (UTF-8, separated by commas). Every row "
        "is checked before anything is written. Importing the same file again changes nothing. "
        f"The columns, in any order: {', '.join(COLUMNS)}. See docs/importing.md."
    )
    things = ("person", "people")
    columns = COLUMNS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-bad",
            action="store_true",
            help=(
                "Import the good rows and report the bad ones. Without this, one bad row stops "
                "the whole import."
            ),
        )
        parser.add_argument(
            "--verified",
            action="store_true",
            help=(
                "The office confirms who works where. People verified at the same organisation "
                "can see each other when they register somebody for an event."
            ),
        )

        parser.add_argument(
            "--trust-numbers",
            action="store_true",
            help=(
                "The membership numbers are right. A known number with another name means that "
                "the person has a new name, and a number that differs from a known one only in "
                "its zeros is a new one."
            ),
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
