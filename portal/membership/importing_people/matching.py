"""Finding whose row it is, and what in it has changed.

- A row's key is its membership number, else its email address. A person who was imported under
  that key is its person; else who has that membership number; else the one person with that
  address. There is nobody: a new person. Numbers are compared as in core/text/comparing.py.
- A known number under another first and another last name, and a new number that is a known one
  but for zeros at its beginning, are refused unless somebody says that the numbers are right: a
  spreadsheet may have changed them.
- Only cells that differ from the last import of that person are written: what a member has
  changed in the portal stays until the office's file says something new.
- An address belongs to one person.
- People whose rows are written are locked before their values are read: what a member changes
  meanwhile comes after the import and is not undone by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import models

from portal.core.rows.locking import lock
from portal.core.sheets import Problem
from portal.core.text.comparing import as_number, as_words
from portal.membership.importing_people.columns import COLUMNS, NAMES
from portal.membership.importing_people.rows import PersonRow
from portal.membership.models import ImportedPerson, Membership
from portal.people.models import Person

_AT_ONCE = 900


@dataclass(slots=True)
class Change:
    """A row that says something new of a person, and what it said when last imported."""

    line: int
    key: str
    cells: dict[str, str]
    person: Person
    is_new: bool = False
    before: Mapping[str, str] = field(default_factory=dict)
    imported: ImportedPerson | None = None

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def changed(self, columns: Iterable[str] = COLUMNS) -> list[str]:
        """Those of the columns whose cells differ from the last import."""
        return [c for c in columns if self.cells.get(c, "") != self.before.get(c, "")]

    def problem(self, column: str, sentence: str) -> Problem:
        return Problem(self.line, column, sentence, self.cell(column))


@dataclass(slots=True)
class Matched:
    changes: list[Change] = field(default_factory=list)
    unchanged: list[tuple[PersonRow, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The values in lists short enough for one query of either database."""
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def rows_where(rows: models.QuerySet[Any], name: str, values: Iterable[Any]) -> Iterator[Any]:
    """The rows whose attribute has one of the values, however many those are.

    A table that is smaller than the list of values is read as it is: asking for each value takes
    longer.
    """
    rows, wanted = rows.all(), set(values)
    if len(wanted) > _AT_ONCE and not rows[len(wanted) :].exists():
        value_of = attrgetter(name)
        yield from (row for row in rows if value_of(row) in wanted)
        return
    for chunk in chunks(wanted):
        yield from rows.filter(**{f"{name}__in": chunk})


def locked_where(rows: models.QuerySet[Any], name: str, values: Iterable[Any]) -> Iterator[Any]:
    """As `rows_where`, each row locked until the transaction ends; those of small values first."""
    for chunk in chunks(sorted(set(values))):
        yield from lock(rows.filter(**{f"{name}__in": chunk}))


def match(rows: list[PersonRow], *, to_write: bool, trust_numbers: bool) -> Matched:
    """Give each row its person. Reads the database in a number of queries per 900 rows.

    `to_write`: in a transaction, which then holds the people that change. `trust_numbers`: the
    numbers of the file are right, whatever they look like.
    """
    known = _Known(rows)
    matched = Matched()
    people: dict[int, int] = {}
    found: list[tuple[PersonRow, ImportedPerson | None, int | None]] = []
    for row in rows:
        imported = known.imported.get(row.key)
        try:
            person = known.imported_person(row) if imported else known.person(row)
            if person is not None:
                _once(person, row, people)
        except ValueError as error:
            matched.problems.append(
                Problem(row.line, "email", str(error), row.cells.get("email", ""))
            )
            continue
        if imported and imported.cells == row.cells:
            matched.unchanged.append((row, imported.person_id))
        else:
            found.append((row, imported, person))
    _load(found, matched, locked_where if to_write else rows_where)
    matched.problems += _taken_addresses(matched, known)
    if not trust_numbers:
        matched.problems += _numbers_in_doubt(matched, known)
    bad = {problem.line for problem in matched.problems}
    matched.changes = [change for change in matched.changes if change.line not in bad]
    return matched


class _Known:
    """What the database knows of numbers, and of the addresses in the file."""

    def __init__(self, rows: list[PersonRow]) -> None:
        emails = {row.cells["email"] for row in rows if "email" in row.cells}
        keys = {row.key for row in rows} | emails
        self.imported: dict[str, ImportedPerson] = {
            row.key: row for row in rows_where(ImportedPerson.objects.all(), "key", keys)
        }
        # All of them: a new number is compared with those that differ in zeros only.
        columns = ("compared_number", "number", "person_id")
        members = [*Membership.objects.values_list(*columns)]
        self._people: dict[str, int] = {form: person for form, _, person in members}
        self._numbers: dict[int, str] = {person: number for _, number, person in members}
        self._without_zeros: dict[str, str] = {
            form.lstrip("0"): number for form, number, _ in members if form.isdecimal()
        }
        self.emails: defaultdict[str, set[int]] = defaultdict(set)
        for name in ("email", "user__email"):
            found = Person.objects.exclude(**{name: None}).order_by()
            for pk, email in rows_where(found.values_list("pk", name, named=True), name, emails):
                self.emails[email].add(pk)

    def imported_person(self, row: PersonRow) -> int:
        """The person last imported under this key. Raises ValueError with a sentence."""
        person: int = self.imported[row.key].person_id
        number = row.cells.get("membership_number", "")
        if self._people.get(as_number(number), person) != person:
            raise ValueError(
                f"Membership number {number} was imported for one person and now belongs to "
                "another. Correct it in the office under Memberships"
            )
        return person

    def person(self, row: PersonRow) -> int | None:
        """The key of the person whose row this is. Raises ValueError with a sentence."""
        number, email = row.cells.get("membership_number", ""), row.cells.get("email", "")
        if as_number(number) in self._people:
            return self._people[as_number(number)]
        if number and email in self.imported:
            candidates = {self.imported[email].person_id}
        else:
            candidates = self.emails.get(email, set())
        if len(candidates) > 1:
            raise ValueError(
                "Several people in the portal have this email address. Change it at all but one "
                "in the office"
            )
        for person in candidates:
            other = self.number_of(person)
            if number and other:
                raise ValueError(f"This email address belongs to membership number {other}")
            return person
        return None

    def with_its_zeros(self, number: str) -> str:
        """The known number that a new one is but for zeros at its beginning, or ""."""
        form = as_number(number)
        if form in self._people or not form.isdecimal():
            return ""
        return self._without_zeros.get(form.lstrip("0"), "")

    def number_of(self, person: int) -> str:
        """The person's membership number, if they have one."""
        return self._numbers.get(person, "")


def _numbers_in_doubt(matched: Matched, known: _Known) -> Iterator[Problem]:
    for change in matched.changes:
        number = change.cell("membership_number")
        if not number:
            continue
        if change.is_new:
            if other := known.with_its_zeros(number):
                yield change.problem(
                    "membership_number",
                    f"No member has the number {number}, but one has {other}: did a spreadsheet "
                    "change the leading zeros? Format the column as text. If this is somebody "
                    "new, import with --trust-numbers",
                )
        elif _is_somebody_else(change):
            yield change.problem(
                "membership_number",
                f"Membership number {number} is {change.person}’s in the portal. Correct the "
                "number; if it is the same person under a new name, import with --trust-numbers",
            )


def _is_somebody_else(change: Change) -> bool:
    """Both names are others than the portal's and than those last imported."""
    names = [as_words(change.cell(column)) for column in NAMES]
    person = change.person
    earlier = [change.before.get(column, "") for column in NAMES]
    return all(
        all(new != as_words(old) for new, old in zip(names, before, strict=True))
        for before in ([person.first_name, person.last_name], earlier)
    )


def _once(person: int, row: PersonRow, people: dict[int, int]) -> None:
    """Raise ValueError where an earlier row was this person's."""
    line = people.setdefault(person, row.line)
    if line != row.line:
        raise ValueError(f"Line {line} is the same person. Keep one of the two rows")


def _load(
    found: list[tuple[PersonRow, ImportedPerson | None, int | None]],
    matched: Matched,
    read: Callable[[models.QuerySet[Any], str, Iterable[Any]], Iterator[Any]],
) -> None:
    """Make the changes: with the people as they are, and what was imported under another key."""
    ids = [person for _, _, person in found if person is not None]
    people = {person.pk: person for person in read(Person.objects.all(), "pk", ids)}
    rekeyed = [person for _, imported, person in found if imported is None and person is not None]
    earlier = {
        row.person_id: row for row in rows_where(ImportedPerson.objects.all(), "person_id", rekeyed)
    }
    for row, imported, pk in found:
        if pk is None:
            matched.changes.append(Change(row.line, row.key, row.cells, Person(), is_new=True))
            continue
        last = imported or earlier.get(pk)
        before = last.cells if last else {}
        matched.changes.append(
            Change(row.line, row.key, row.cells, people[pk], before=before, imported=last)
        )


def _taken_addresses(matched: Matched, known: _Known) -> list[Problem]:
    """New addresses that belong to somebody else, who does not give them up in the same file."""
    leaving = {
        change.person.pk: change.cell("email")
        for change in matched.changes
        if change.person.pk and not change.person.email_is_sign_in and change.changed(["email"])
    }
    problems = []
    for change in matched.changes:
        email = change.cell("email")
        if not email or not change.changed(["email"]):
            continue
        others = known.emails.get(email, set()) - {change.person.pk}
        if any(leaving.get(other, email) == email for other in others):
            whose = next((n for n in map(known.number_of, others) if n), "")
            other = f"membership number {whose}" if whose else "another person in the portal"
            problems.append(change.problem("email", f"This email address belongs to {other}"))
    return problems
