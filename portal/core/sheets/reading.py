"""Rows of a CSV file.

UTF-8 (a byte-order mark is allowed), or cp1252 where somebody says so; separated by commas, the
first line naming the columns in any order, after a line `sep=,` perhaps. Marks that nobody sees are
left out, and letters are in their composed form (NFC). What makes the file as a whole unreadable
raises `BadSheet`; what is wrong with single rows is collected, so that all of it can be mended at
once.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.core.sheets.cells import near_name
from portal.core.sheets.problems import BadSheet, NoFile, NoRows, OtherColumns, Problem, shortened
from portal.core.sheets.recognising import SAVE_AS_CSV, NotText, text_of
from portal.core.text.characters import composed, without_marks

FILE_LIMIT = 100 * 1024 * 1024
CELL_LIMIT = 50_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_LOST = "\ufffd"
_SHOWN = 5  # cells of a file whose encoding is in question
_CSV_ERRORS = {
    "unexpected end of data": "A quotation mark opens here and is never closed",
    "expected after": 'There is a quotation mark in the middle of a cell. Write it twice (“""”)',
}


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by column, as they are in the file.

    `line` is the line of the file on which the row begins: a quoted cell may hold line breaks.
    """

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Sheet:
    name: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_sheet(path: Path, columns: Sequence[str], *, windows_text: bool = False) -> Sheet:
    """The rows of the file, which must have exactly these columns.

    `windows_text`: somebody has seen that it reads rightly as cp1252.
    Raises BadSheet where the file is not such a file at all.
    """
    try:
        data = _bytes_of(path)
    except NotText as error:
        raise NoFile([Problem(0, "", str(error))]) from None
    try:
        text, encoding = text_of(data)
    except NotText as error:
        raise NoRows([Problem(error.line, "", str(error))]) from None
    sheet = read_text(text, columns, name=path.name)
    if encoding != "UTF-8" and not windows_text:
        raise BadSheet([Problem(0, "", _question(sheet))])
    return sheet


def _question(sheet: Sheet) -> str:
    """Whether the cells with letters that depend on it read rightly as Windows text."""
    cells = ((row.line, cell) for row in sheet.rows for cell in row.cells.values())
    lettered = [(line, cell) for line, cell in cells if not cell.isascii()][:_SHOWN]
    shown = ", ".join(f"“{shortened(cell)}” (line {line})" for line, cell in lettered)
    return (
        f"The file is not UTF-8. Read as Windows text (cp1252) it says {shown or 'nothing'}. If "
        f"that is right, import it with --windows-text. If not: {SAVE_AS_CSV[0].lower()}"
        f"{SAVE_AS_CSV[1:]}"
    )


def read_text(text: str, columns: Sequence[str], *, name: str) -> Sheet:
    """The rows of CSV text; `name` is what the file is called. Raises BadSheet."""
    sheet = Sheet(name)
    with _any_size_of_cell(len(text)):
        _read_rows(composed(without_marks(text)), columns, sheet)
    if not sheet.rows and not sheet.problems:
        sentence = "The file has a first line but no rows. Add the rows to import"
        raise NoRows([Problem(1, "", sentence)])
    return sheet


def _bytes_of(path: Path) -> bytes:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise NotText(f"{path} is not a file. Save the list as a file and give its name")
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except FileNotFoundError:
        raise NotText(f"There is no file {path}. Check the name") from None
    except IsADirectoryError:
        raise NotText(f"{path} is a folder. Give the name of the CSV file in it") from None
    except OSError as error:
        raise NotText(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > FILE_LIMIT:
        raise NotText("The file is larger than 100 MB. Split it into smaller files")
    return data


@contextmanager
def _any_size_of_cell(size: int) -> Iterator[None]:
    """Let the csv module pass every cell, so that one too long is reported and not the end."""
    before = csv.field_size_limit(max(size, 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_rows(text: str, columns: Sequence[str], sheet: Sheet) -> None:
    is_clean = not _CONTROL.search(text) and _LOST not in text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    names: list[str] = []
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                if not names and line == 1 and _names_separator(cells):
                    pass
                elif not names:
                    names = _names(cells, columns, line)
                else:
                    _take(cells, names, line, is_clean, sheet)
            line = reader.line_num + 1
    except csv.Error as error:
        sentence = next(
            (said for part, said in _CSV_ERRORS.items() if part in str(error)),
            f"The line cannot be read ({error})",
        )
        sentence += ". Correct it in the spreadsheet and save it again"
        raise BadSheet([*sheet.problems, Problem(line, "", sentence)]) from None


def _names_separator(cells: list[str]) -> bool:
    """The line `sep=,`, for Excel alone."""
    return "".join(cells[1:]) == "" and cells[0].startswith("sep=") and len(cells[0]) <= 5


def _take(cells: list[str], names: list[str], line: int, is_clean: bool, sheet: Sheet) -> None:
    """Add the row, or its problem."""
    extra = cells[len(names) :]
    if len(cells) < len(names) or any(extra):
        sheet.problems.append(
            Problem(
                line,
                "",
                f"This row has {len(cells)} cells, but the first line names {len(names)} "
                "columns. Put quotation marks around cells that contain commas or line breaks",
            )
        )
        return
    row = Row(line, dict(zip(names, cells, strict=False)))
    problems = [] if is_clean and max(map(len, cells)) <= CELL_LIMIT else _cell_problems(row)
    if problems:
        sheet.problems += problems
    else:
        sheet.rows.append(row)


def _cell_problems(row: Row) -> list[Problem]:
    problems = []
    for column, cell in row.cells.items():
        if len(cell) > CELL_LIMIT:
            sentence = (
                f"The cell has {len(cell):,} characters, more than {CELL_LIMIT:,}. Shorten it"
            )
        elif _CONTROL.search(cell):
            sentence = "The cell contains a character that cannot be shown. Type it again"
        elif _LOST in cell:
            sentence = f"A letter was lost when the file was saved (“{_LOST}”). {SAVE_AS_CSV}"
        else:
            continue
        problems.append(Problem(row.line, column, sentence, shortened(cell)))
    return problems


def _names(cells: list[str], columns: Sequence[str], line: int) -> list[str]:
    """The columns that the first line names. Raises BadSheet."""
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) == 1 and (separator := _separator(cells[0], columns)):
        raise NoRows(
            [
                Problem(
                    line, "", f"The columns are separated by {separator}, not commas. {SAVE_AS_CSV}"
                )
            ]
        )
    names = [
        "_".join(cell.replace("_", " ").replace("-", " ").casefold().split()) for cell in cells
    ]
    if not set(names) & set(columns):
        sentence = (
            f"The first line must name the columns: {', '.join(columns)}. "
            f"It is “{shortened(','.join(cells))}”"
        )
        raise OtherColumns([Problem(line, "", sentence)], names)
    problems = _name_problems(names, columns, line)
    if problems:
        raise OtherColumns(problems, names)
    return names


def _name_problems(names: list[str], columns: Sequence[str], line: int) -> list[Problem]:
    missing = [column for column in columns if column not in names]
    problems = []
    for place, (name, times) in enumerate(Counter(names).items(), start=1):
        if not name:
            sentence = f"A column has no name (about the {place}th). Name it or remove it"
            problems.append(Problem(line, "", sentence))
        elif name not in columns:
            near = near_name(name, missing)
            missing = [column for column in missing if column != near]
            hint = f"Did you mean “{near}”?" if near else "Remove it"
            sentence = f"There is no column “{shortened(name)}”. {hint}"
            problems.append(Problem(line, shortened(name), sentence, name))
        elif times > 1:
            sentence = f"There are {times} columns named “{name}”. Keep one of them"
            problems.append(Problem(line, name, sentence, name))
    problems += [
        Problem(line, column, f"The column “{column}” is missing. Add it. Its cells may be empty")
        for column in missing
    ]
    return problems


def _separator(cell: str, columns: Sequence[str]) -> str:
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "upright strokes")):
        parts = {part.strip(' "').casefold() for part in cell.split(mark)}
        if len(parts) > 1 and parts & set(columns):
            return name
    return ""
