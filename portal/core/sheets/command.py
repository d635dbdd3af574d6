"""What the import commands share: the file and `--dry-run`, progress, the report, the exit status.

0: done. 1: could not start, try again later. 2: the file has to be mended; nothing was written.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import get_commands, load_command_class
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from portal.core.machine.commands import PortalCommand
from portal.core.sheets.outcome import AnotherImport, Outcome, Progress
from portal.core.sheets.problems import (
    BadSheet,
    NoFile,
    NoRows,
    OtherColumns,
    Problem,
    remove_report,
    write_report,
)

SHOWN = 20


class ImportCommand(PortalCommand):
    """A command that imports a CSV file.

    Subclasses say what by `things`, whose plural follows `portal import`, `columns` and
    `run_import`.
    """

    things = ("row", "rows")
    columns: Sequence[str] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=_path, help="the CSV file")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="check everything and say what would change, but write nothing to the database",
        )
        parser.add_argument(
            "--windows-text",
            action="store_true",
            help=(
                "the file is Windows text (cp1252), and you have checked that its letters are right"
            ),
        )

    def run_import(self, path: Path, progress: Progress, options: dict[str, Any]) -> Outcome:
        """Import the file. Raises BadSheet and AnotherImport."""
        raise NotImplementedError

    def handle(self, *_: object, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with _bars() as progress:
                outcome = self.run_import(path, progress, options)
        except AnotherImport as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except NoFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except BadSheet as error:
            if other := self._other(error):
                self.stderr.write(
                    f"This looks like a list of {other}. Use `portal import {other}`."
                )
                sys.exit(2)
            self._tell_problems(error.problems, path, has_rows=not isinstance(error, NoRows))
            self.stderr.write(
                "Nothing was imported. Correct the problems listed here, then import the file "
                "again."
            )
            sys.exit(2)
        if outcome.skipped:
            self._tell_problems(outcome.skipped, path)
        else:
            remove_report(path)
        self._tell(outcome)

    def _other(self, error: BadSheet) -> str:
        """What the file holds where it has the columns of another import; else nothing."""
        names = set(error.names) if isinstance(error, OtherColumns) else set()
        ours = len(names.intersection(self.columns))
        for name, app in get_commands().items():
            if name.startswith("import_"):
                command: Any = load_command_class(str(app), name)
                theirs = len(names.intersection(command.columns))
                if theirs > ours and theirs * 2 > len(names):
                    return str(command.things[1])
        return ""

    def _tell_problems(
        self, problems: Sequence[Problem], path: Path, *, has_rows: bool = True
    ) -> None:
        """Print them. Those of rows are also written beside the file, to be worked through."""
        for problem in problems[:SHOWN]:
            self.stderr.write(str(problem))
        if len(problems) > SHOWN:
            self.stderr.write(f"… and {len(problems) - SHOWN:,} more.")
        if not (has_rows and path.is_file() and any(problem.line for problem in problems)):
            return
        try:
            report = write_report(problems, path)
        except OSError as error:
            self.stderr.write(
                "The report of these problems could not be written beside the file: "
                f"{error.strerror}"
            )
        else:
            what = "It is also" if len(problems) == 1 else "All of them are"
            self.stderr.write(f"{what} in {report}")

    def _tell(self, outcome: Outcome) -> None:
        for note in outcome.notes[:SHOWN]:
            self.stdout.write(f"Note: {note}")
        if len(outcome.notes) > SHOWN:
            self.stdout.write(f"… and {len(outcome.notes) - SHOWN:,} more notes.")
        total = outcome.added + outcome.changed + outcome.unchanged
        skipped = len({problem.line for problem in outcome.skipped})
        self.stdout.write(
            f"{total:,} {self.things[total != 1]}: {outcome.added:,} added, "
            f"{outcome.changed:,} changed, {outcome.unchanged:,} unchanged"
            + (f"; {skipped:,} {'row' if skipped == 1 else 'rows'} skipped" if skipped else "")
            + "."
        )
        if outcome.was_dry_run:
            self.stdout.write("This was a dry run. Nothing was written.")


def _path(text: str) -> Path:
    if not text.strip():
        raise ArgumentTypeError("give the name of the CSV file")
    return Path(text)


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar for each phase, on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    bars = Bars(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        disable=not console.is_terminal,
    )
    tasks: dict[str, Any] = {}
    with bars:

        def show(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total)

        yield show
