"""What is wrong with a file, and the report of it beside the file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from errno import EEXIST
from pathlib import Path

REPORT_COLUMNS = ("line", "column", "value", "sentence")
_SHOWN = 60
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something to mend: where it is and a sentence that says what to do.

    `line` is the line of the file on which the row begins, 0 for the file as a whole.
    """

    line: int
    column: str
    sentence: str
    value: str = ""

    def __str__(self) -> str:
        places = [f"line {self.line}"] if self.line else []
        places += [self.column] if self.column else []
        return f"{', '.join(places)}: {self.sentence}" if places else self.sentence


class BadSheet(Exception):
    """Nothing was written: these problems have to be mended first, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NoFile(BadSheet):
    """There is nothing at this path that can be read: the name has to be mended, not the file."""


class NoRows(BadSheet):
    """No row has been read: what is wrong is the file as a whole, or its first line."""


class OtherColumns(NoRows):
    """The columns are not the ones asked for. Carries their names."""

    def __init__(self, problems: Sequence[Problem], names: Sequence[str]) -> None:
        super().__init__(problems)
        self.names = names


def shortened(value: str, length: int = _SHOWN) -> str:
    """The value on one line, and never so long that it hides the sentence."""
    line = " ".join(value[: length * 4].split())
    return f"{line[: length - 1]}…" if len(line) > length or len(value) > length * 4 else line


def report_path(path: Path) -> Path:
    """people.csv is reported on in people.problems.csv."""
    return path.with_name(f"{path.stem}.problems.csv")


def write_report(problems: Sequence[Problem], path: Path) -> Path:
    """Write the problems with the file at `path` into a CSV beside it.

    With a byte-order mark, so that a spreadsheet shows its letters rightly, and with no cell
    that a spreadsheet would take for a formula. Raises OSError, also where something else has its
    name.
    """
    report = report_path(path)
    if report.is_symlink() or (report.exists() and not _is_ours(report)):
        raise FileExistsError(EEXIST, f"{report} already exists and is not a report of an import")
    with report.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT_COLUMNS)
        for problem in problems:
            cells = (problem.column, shortened(problem.value), problem.sentence)
            writer.writerow([problem.line or "", *(_harmless(cell) for cell in cells)])
    return report


def remove_report(path: Path) -> None:
    """Take away the report of an earlier try, once the file is good."""
    report = report_path(path)
    if _is_ours(report):
        with suppress(OSError):
            report.unlink()


def _is_ours(report: Path) -> bool:
    try:
        with report.open(encoding="utf-8-sig") as file:
            return file.readline(200).strip() == ",".join(REPORT_COLUMNS)
    except (OSError, UnicodeDecodeError):
        return False


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
