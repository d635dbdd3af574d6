"""Damage that spreadsheets and careless saving do to cells, reported before anything is kept.

Each guard takes a cell without outer spaces and raises ValueError with the sentence for whoever
has to mend it. `guarded` puts guards before a reader. Rules:

- An error of a spreadsheet (#N/A) is not a value, wherever it stands. Nor are HTML entities
  (&amp;), and letters that were garbled on the way (BrontÃ«).
- A question mark within a name was a letter once.
- Numbers that tell who or what it is stand as they were typed: no 4.5E+12, no 2005.0, no formula,
  no dash instead of a hyphen.
- A word for nothing (N/A, none, 0) in a cell that may be empty is nothing, and is not kept as if it
  were something. “Null” is a surname.
- A date that can only be month first makes every other date of its column doubtful.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from portal.core.sheets.problems import Problem, shortened
from portal.core.sheets.reading import Row

_Read = TypeVar("_Read")
Guard = Callable[[str], None]

_ERRORS = frozenset(
    "#n/a #ref! #name? #value! #div/0! #null! #num! #spill! #calc! #field! #blocked! #connect! "
    "#unknown! #busy! #getting_data #external! #python! #error! #err!".split()
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_HIGH = re.compile(r"[^\x00-\x7f]+")
# What a letter is likely to have been: Latin with marks, or the signs of typesetting.
_LIKELY = re.compile(r"[\u00a0-\u017f\u0192\u0218-\u021b\u1e00-\u1eff\u2010-\u2122]+")
_SCIENTIFIC = re.compile(r"[-+]?\d[.,]?\d*E[-+]?\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+[.,]0+")
_DASH = re.compile("[\u2010-\u2015\u2212]")
_NOTHING = frozenset(
    "n/a na n.a. n.a n\\a none null nil nothing unknown blank (blank) (none) (null) - -- --- – — "
    ". 0 0.0".split()
) | {"not applicable", "not known", "not available", "no data", "no value"}
# People are called these: Ms Null and Mr Blank exist.
_NAMES = frozenset({"na", "none", "null", "nil", "blank"})
_ONE_OR_OTHER = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s.*)?", re.DOTALL)
_AS_TEXT = "Format the column as text and enter the number again"


def guarded(read: Callable[[str], _Read], *guards: Guard) -> Callable[[str], _Read]:
    """The reader of a cell that all guards have let pass."""

    def read_guarded(cell: str) -> _Read:
        for guard in guards:
            guard(cell)
        return read(cell)

    return read_guarded


def sound(cell: str) -> None:
    """For every cell: no error of a spreadsheet, no entity, no garbled letter."""
    if cell[:1] == "#" and (cell.casefold() in _ERRORS or not cell.strip("#")):
        raise ValueError(
            f"“{shortened(cell)}” is a spreadsheet error, not a value. Correct its formula or "
            "empty the cell"
        )
    if "&" in cell and (entity := _ENTITY.search(cell)):
        meant = html.unescape(entity[0])
        if meant != entity[0]:
            raise ValueError(f"Write “{meant}” instead of “{entity[0]}”, which is HTML")
    if not cell.isascii() and (meant := ungarbled(cell)):
        raise ValueError(
            f"Letters were garbled when the list was saved. Is this “{shortened(meant)}”? Go "
            "back to a copy whose letters are right and save it as CSV UTF-8"
        )


def ungarbled(text: str) -> str:
    """What UTF-8 that was read as Windows text had been; empty where that cannot be."""
    found = _HIGH.sub(_decoded, text)
    return found if found != text else ""


def _decoded(run: re.Match[str]) -> str:
    try:
        letters = run[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return run[0]
    return letters if _LIKELY.fullmatch(letters) else run[0]


def whole_name(cell: str) -> None:
    """For names of people. Some of what stands for nothing elsewhere is a name."""
    if "?" in cell:
        _lost(cell)
    if cell.casefold() not in _NAMES:
        says_something(cell)


def whole_words(cell: str) -> None:
    """For names of places and organisations, which may ask."""
    if "?" in cell and re.search(r"\?\w", cell):
        _lost(cell)


def _lost(cell: str) -> None:
    raise ValueError(
        f"A letter of “{shortened(cell)}” was lost when the list was saved, and is now a “?”. "
        "Enter it again, and save the list as CSV UTF-8"
    )


def as_typed(cell: str) -> None:
    """For numbers that tell who or what it is."""
    if _SCIENTIFIC.fullmatch(cell):
        raise ValueError(f"The spreadsheet has turned this number into “{cell}”. {_AS_TEXT}")
    if _DECIMAL.fullmatch(cell):
        raise ValueError(f"The spreadsheet has turned a whole number into “{cell}”. {_AS_TEXT}")
    if cell[:1] in {"=", "'", "’"}:
        raise ValueError(
            f"“{shortened(cell)}” begins with a sign that makes a spreadsheet show a number as "
            f"text. Leave the sign out: {cell.strip(_WRAPPING)}"
        )
    if dash := _DASH.search(cell):
        raise ValueError(
            f"“{shortened(cell)}” has a dash (“{dash[0]}”) where there is usually a hyphen. "
            f"Write {_DASH.sub('-', cell)}"
        )


_WRAPPING = "='’\""


def says_something(cell: str) -> None:
    """For cells that may be empty."""
    if cell.casefold() in _NOTHING:
        raise ValueError(f"“{cell}” is not a value. Leave the cell empty")


def doubtful_dates(rows: Sequence[Row], columns: Iterable[str]) -> list[Problem]:
    """Dates that may be day first or month first, in columns where one can only be month first."""
    problems: list[Problem] = []
    for column in columns:
        dates = list(_slashed(rows, column))
        proof = next((row for row, first, second in dates if first <= 12 < second), None)
        if proof is None:
            continue
        shown = shortened(proof.cells[column])
        problems += [
            Problem(
                row.line,
                column,
                "It is not clear which is the day and which is the month, because line "
                f"{proof.line} has {shown}, with the month first. Write every date in this "
                "column as 2027-03-31",
                shortened(row.cells[column]),
            )
            for row, first, second in dates
            if first <= 12 and second <= 12 and first != second
        ]
    return problems


def _slashed(rows: Iterable[Row], column: str) -> Iterator[tuple[Row, int, int]]:
    for row in rows:
        if match := _ONE_OR_OTHER.fullmatch(row.cells.get(column, "").strip()):
            yield row, int(match[1]), int(match[2])
