"""Checking the rows of the people file: each on its own, then against each other.

Rules of a row:
- a membership number or an email address tells who it is; a name is needed, and who has one only
  has it as last name;
- an address is optional, but has its first line, town and postcode if it has anything; UK
  postcodes may be spaced as one likes;
- no category: a customer, who has no membership. A category needs a number.
Of all rows: no number and no address twice, one type for an organisation, and no column whose
dates may be month first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from portal.core.sheets import Problem, Row
from portal.core.sheets.damage import doubtful_dates
from portal.core.sheets.problems import shortened
from portal.core.text.comparing import as_number, as_organisation
from portal.membership.importing_people.columns import ADDRESS_FIELDS, DATES, Reader, label
from portal.people.models import POSTCODE
from portal.people.postcodes import UK, spaced_postcode

_UK_POSTCODE = cast(re.Pattern[str], POSTCODE.regex)
_GIBRALTAR = "GI"  # its postcode, GX11 1AA, is built as those of the UK are
_BY_HAND = tuple(column for column in ADDRESS_FIELDS if column != "country")
_ENTER = {
    "last_name": "Enter the name",
    "address_line_1": "Enter the first line of the address",
    "town": "Enter the town or city",
    "postcode": "Enter the postcode",
    "membership_number": "Enter the membership number: each member has one",
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row whose cells can be used. Empty cells are left out."""

    line: int
    cells: dict[str, str]

    @property
    def key(self) -> str:
        """What the row is known by in later imports."""
        number = self.cells.get("membership_number")
        return as_number(number) if number else self.cells["email"]


def check_row(row: Row, readers: Mapping[str, Reader]) -> PersonRow | list[Problem]:
    """The row with its cells read, or what is wrong with it."""
    cells: dict[str, str] = {}
    problems: list[Problem] = []
    for column, text in row.cells.items():
        if not text:
            continue
        tidy = " ".join(text.split())
        if not tidy:
            continue
        try:
            cells[column] = readers[column](tidy)
        except ValueError as error:
            problems.append(Problem(row.line, column, str(error), shortened(text)))
            cells[column] = ""
    for rule in (_identity, _address, _membership):
        problems += [
            Problem(row.line, column, sentence, shortened(row.cells[column]))
            for column, sentence in rule(cells)
        ]
    if problems:
        return problems
    return PersonRow(row.line, cells)


Found = Iterable[tuple[str, str]]


def _missing(cells: dict[str, str], columns: Iterable[str]) -> Found:
    """A cell that could not be read counts as filled: it has its own sentence."""
    return [(column, _ENTER[column]) for column in columns if column not in cells]


def _identity(cells: dict[str, str]) -> Found:
    if "last_name" not in cells and "first_name" in cells:
        cells["last_name"] = cells.pop("first_name")
    yield from _missing(cells, ("last_name",))
    if "membership_number" not in cells and "email" not in cells:
        yield (
            "email",
            ("Enter a membership number or an email address, so that we know who this is"),
        )


def _address(cells: dict[str, str]) -> Found:
    if not any(column in cells for column in _BY_HAND):
        cells.pop("country", None)
        return
    country = cells.setdefault("country", "GB")
    yield from _missing(cells, ("address_line_1", "town"))
    if country not in UK:
        if country not in {"", _GIBRALTAR} and _UK_POSTCODE.match(
            spaced_postcode(cells.get("postcode", ""))
        ):
            yield (
                "country",
                f"{cells['postcode']} is a UK postcode. Leave the country empty, or enter the "
                "postcode of the address there",
            )
        return
    yield from _missing(cells, ("postcode",))
    if cells.get("postcode"):
        postcode = spaced_postcode(cells["postcode"])
        if not _UK_POSTCODE.match(postcode):
            yield "postcode", f"{POSTCODE.message}, or name the country if it is not in the UK"
        cells["postcode"] = postcode


def _membership(cells: dict[str, str]) -> Found:
    if "category" not in cells:
        for column in ("member_since", "renewal_date"):
            if column in cells:
                yield (
                    "category",
                    f"Enter the category, or leave {column} empty. There is no membership "
                    "without a category",
                )
                return
        return
    yield from _missing(cells, ("membership_number",))
    since, renewal = cells.get("member_since"), cells.get("renewal_date")
    if since and renewal and date.fromisoformat(since) >= date.fromisoformat(renewal):
        yield "renewal_date", f"Renewal date must be after member_since ({since})"


def check_together(rows: list[PersonRow], *, beside: Sequence[Row] = ()) -> list[Problem]:
    """What is wrong between rows. All rows concerned are named: nobody can tell which is right.

    `beside`: the rows as they are in the file, those that are not good among them.
    """
    problems = _repeated(rows, beside, "membership_number") + _repeated(rows, beside, "email")
    problems += doubtful_dates(beside, DATES)
    types: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        name, kind = row.cells.get("organisation"), row.cells.get("organisation_type")
        if name and kind:
            types[as_organisation(name)].setdefault(kind, row.line)
    if all(len(kinds) == 1 for kinds in types.values()):
        return problems
    for row in rows:
        name, kind = row.cells.get("organisation", ""), row.cells.get("organisation_type", "")
        others = types.get(as_organisation(name), {}) if kind else {}
        for other, line in others.items():
            if other != kind:
                sentence = f"{name} is “{other}” in line {line}. Give an organisation one type"
                problems.append(Problem(row.line, "organisation_type", sentence, kind))
                break
    return problems


def _repeated(rows: list[PersonRow], beside: Sequence[Row], column: str) -> list[Problem]:
    good = {row.line for row in rows}
    every: list[PersonRow | Row] = [*rows, *(row for row in beside if row.line not in good)]
    lines: dict[str, list[int]] = defaultdict(list)
    for row in every:
        if value := row.cells.get(column, "").strip():
            lines[as_number(value)].append(row.line)
    problems = []
    for row in every:
        value = row.cells.get(column, "").strip()
        also = [line for line in lines.get(as_number(value), ()) if line != row.line]
        if also:
            sentence = f"{label(column)} is also in line {also[0]}. Give each person their own"
            problems.append(Problem(row.line, column, sentence, value))
    return problems


def check_rows(
    rows: list[Row], readers: Mapping[str, Reader], tell: Callable[[int], None]
) -> tuple[list[PersonRow], list[Problem]]:
    """The rows that are good on their own, and the problems of the others."""
    good: list[PersonRow] = []
    problems: list[Problem] = []
    for done, row in enumerate(rows, start=1):
        checked = check_row(row, readers)
        if isinstance(checked, PersonRow):
            good.append(checked)
        else:
            problems += checked
        if done % 500 == 0:
            tell(done)
    return good, problems
