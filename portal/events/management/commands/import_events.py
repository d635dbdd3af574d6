"""Import training and events from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from portal.core.sheets import Outcome, Progress, read_sheet
from portal.core.sheets.command import ImportCommand
from portal.events.importing_events.columns import COLUMNS
from portal.events.importing_events.importing import import_events


class Command(ImportCommand):
    help = (
        "Import training and events from a CSV file (UTF-8, separated by commas), one row for "
        "each registration option. Every row is checked before anything is written. Importing "
        "a changed file updates the events, except prices and dates that somebody has booked. "
        f"The columns, in any order: {', '.join(COLUMNS)}. See docs/importing.md."
    )
    things = ("event", "events")
    columns = COLUMNS

    def run_import(self, path: Path, progress: Progress, options: dict[str, Any]) -> Outcome:
        return import_events(
            read_sheet(path, self.columns, windows_text=options["windows_text"]),
            actor="portal import events",
            at=timezone.now(),
            dry_run=options["dry_run"],
            progress=progress,
        )
