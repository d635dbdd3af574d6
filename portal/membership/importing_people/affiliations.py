"""Writing the affiliations of an import: organisations, their types, who works there.

- Organisations are the same in their form for comparing (core/text/comparing.py); a new one is
  entered with its type, and told where another is near it: one may be the other.
  A known organisation's type changes where the file says another one than when last imported.
- Another organisation ends the running affiliation the day before and begins a new one, which
  the office has not verified. Another role at the same organisation does not.
- `--verified` marks the running affiliations with the organisations of the file.
- Those that the import may change are locked before it writes its first row, all of them in the
  order of their keys: what the office decides of one meanwhile comes before the import, which goes
  by it, or after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.core.rows.bulk import ChangedRows, NewRows, new_keys
from portal.core.text.comparing import as_organisation
from portal.membership.importing_people.columns import AFFILIATION, Lists
from portal.membership.importing_people.matching import Change, chunks, locked_where, rows_where
from portal.membership.importing_people.writing import Run, ids_of_known
from portal.membership.terms import DAY
from portal.organisations.models import (
    Affiliation,
    AffiliationQuerySet,
    Organisation,
    OrganisationType,
    RoleType,
)
from portal.organisations.organisation_names import near_names
from portal.organisations.verifying_affiliations import verify

_UNVERIFIED = (None, "")


class Place(NamedTuple):
    """Where somebody works and as what, in keys."""

    organisation_id: int | None
    no_organisation_type_id: int | None
    role_type_id: int | None

    @classmethod
    def of(cls, row: Affiliation) -> Place:
        return cls(row.organisation_id, row.no_organisation_type_id, row.role_type_id)

    def is_with(self, row: Affiliation) -> bool:
        """The same organisation, whatever the role."""
        return self[:2] == Place.of(row)[:2]


@dataclass(slots=True)
class Held:
    """The affiliations that nobody else can change before the import ends.

    `running`: by person, as they were before it. `keys`: of these, and of its own new ones.
    """

    running: dict[int, Affiliation]
    keys: set[int]


def hold_affiliations(changes: Iterable[Change], to_verify: Iterable[int]) -> Held:
    """Lock the running affiliations of changed rows, and the unverified ones of these people.

    Once for the whole import: locked portion by portion, in the order of the file, they could
    stand in the way of one who verifies the same in the order of their keys.
    """
    changing = set(ids_of_known(change for change in changes if change.changed(AFFILIATION)))
    running = Affiliation.objects.filter(end=None)
    others = set(to_verify) - changing
    keys = [*_keys(running, changing), *_keys(running.unverified(), others)]
    found = {row.person_id: row for row in locked_where(running, "pk", keys)}
    return Held(found, {row.pk for row in found.values()})


def _keys(affiliations: AffiliationQuerySet, people: Iterable[int]) -> list[int]:
    rows = affiliations.values_list("pk", "person_id", named=True)
    return [row.pk for row in rows_where(rows, "person_id", people)]


def write_affiliations(changes: Sequence[Change], lists: Lists, run: Run, held: Held) -> None:
    concerned = [change for change in changes if change.changed(AFFILIATION)]
    organisations = write_organisations(concerned, lists, run)
    new: list[tuple[Any, ...]] = []
    changed = ChangedRows(Affiliation, *Place._fields, "end", "verified_at", "verified_by")
    for change in concerned:
        running = held.running.get(change.person.pk)
        wanted = _wanted(change, running, organisations, lists)
        if running is not None:
            stays = wanted is not None and wanted.is_with(running)
            verified = (running.verified_at, running.verified_by)
            if wanted and (stays or running.start >= run.day):
                changed.add(running.pk, *wanted, None, *(verified if stays else _UNVERIFIED))
                continue
            end = max(running.start, run.day - DAY)
            changed.add(running.pk, *Place.of(running), end, *verified)
        if wanted:
            new.append((change.person.pk, run.day, *wanted))
    changed.update()
    _insert(new, held)


def _insert(affiliations: Sequence[tuple[Any, ...]], held: Held) -> None:
    new = NewRows(Affiliation, "id", "person_id", "start", *Place._fields)
    keys = new_keys(Affiliation, len(affiliations))
    for key, values in zip(keys, affiliations, strict=True):
        new.add(key, *values)
    new.insert()
    held.keys.update(keys)


def write_organisations(
    changes: Iterable[Change], lists: Lists, run: Run
) -> dict[str, Organisation]:
    """The organisations of these rows by compared name, the new ones entered."""
    rows = [(change, as_organisation(change.cell("organisation"))) for change in changes]
    names = {name for _, name in rows if name}
    found = {
        row.compared_name: row
        for row in rows_where(Organisation.objects.all(), "compared_name", names)
    }
    new: dict[str, Organisation] = {}
    changed: dict[str, Organisation] = {}
    types = {kind.pk: kind.name for kind in lists.organisation_types.values()}
    for change, name in rows:
        if not name:
            continue
        kind = lists.organisation_types.get(change.cell("organisation_type"))
        row = found.get(name)
        if row is None:
            row = new.setdefault(name, Organisation(name=change.cell("organisation")))
            row.type = row.type or kind
        elif kind and row.type_id != kind.pk and (row.type_id is None or _says_otherwise(change)):
            row.type = kind
            changed[name] = row
        elif kind and row.type_id != kind.pk:
            run.note(
                change,
                f"{row.name} stays “{types.get(row.type_id)}”, as the office has it, and has "
                f"not become “{kind.name}”. If the list is right, change it in the office under "
                "Organisations",
            )
    _tell_near_names(rows, new, run)
    Organisation.objects.bulk_create(new.values())
    Organisation.objects.bulk_update(changed.values(), ["type"])
    return found | new


def _tell_near_names(
    rows: Iterable[tuple[Change, str]], new: Mapping[str, Organisation], run: Run
) -> None:
    """The office decides whether a new organisation is one that it knows under another name."""
    if not new:
        return
    known = Organisation.objects.values_list("name", flat=True).order_by("pk")
    near = near_names([row.name for row in new.values()], known)
    untold = {form: near[row.name] for form, row in new.items() if row.name in near}
    for change, form in rows:
        if other := untold.pop(form, ""):
            run.note(
                change,
                f"“{new[form].name}” was added as a new organisation, although there is also "
                f"“{other}”. If they are the same, use one name in your list",
            )


def _says_otherwise(change: Change) -> bool:
    """The file gives the same organisation another type than when it was last imported."""
    return (
        as_organisation(change.before.get("organisation", ""))
        == as_organisation(change.cell("organisation"))
        and change.changed(["organisation_type"]) != []
    )


def _wanted(
    change: Change,
    running: Affiliation | None,
    organisations: dict[str, Organisation],
    lists: Lists,
) -> Place | None:
    """The affiliation with the changed cells of the row, or None where nothing is left of it."""
    changed = AFFILIATION if running is None else change.changed(AFFILIATION)
    organisation, kind, role = Place.of(running) if running else (None, None, None)
    if "organisation" in changed:
        row = organisations.get(as_organisation(change.cell("organisation")))
        organisation = row.pk if row else None
    if organisation:
        kind = None
    elif "organisation_type" in changed or "organisation" in changed:
        kind = _key(lists.organisation_types.get(change.cell("organisation_type")))
    if "role_type" in changed:
        role = _key(lists.role_types.get(change.cell("role_type")))
    return Place(organisation, kind, role) if organisation or kind or role else None


def _key(row: OrganisationType | RoleType | None) -> int | None:
    return row.pk if row else None


def verify_affiliations(
    people: Iterable[tuple[int, Mapping[str, str]]], run: Run, held: Held
) -> int:
    """Mark the running affiliations with the organisations of the rows. Gives how many.

    Only of those that are held: one that the office has entered meanwhile is its own affair.
    """
    wanted = {pk: as_organisation(cells.get("organisation", "")) for pk, cells in people}
    unverified = Affiliation.objects.unverified().filter(end=None).exclude(organisation=None)
    keys = [
        pk
        for pk, person, name in rows_where(
            unverified.values_list("pk", "person_id", "organisation__compared_name", named=True),
            "person_id",
            wanted,
        )
        if wanted[person] == name and pk in held.keys
    ]
    for chunk in chunks(sorted(keys)):
        verify(Affiliation.objects.filter(pk__in=chunk), actor=run.actor, at=run.at)
    return len(keys)
