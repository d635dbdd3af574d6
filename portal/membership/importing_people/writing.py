"""Writing the changes of an import: people, how to reach them, their memberships.

All of it in the act's transaction, table by table, so that the number of queries does not grow
with the number of cells. The rules of what is changed stand with each function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from portal.core.dates import on_day
from portal.core.rows.bulk import ChangedRows, NewRows, new_keys
from portal.core.rows.history import record_all
from portal.core.sheets.problems import shortened
from portal.membership.importing_people.columns import (
    ADDRESS_FIELDS,
    CONSENTS,
    PERSON_FIELDS,
    PHONES,
    label,
)
from portal.membership.importing_people.matching import Change, chunks, locked_where, rows_where
from portal.membership.importing_people.terms import TermPlan
from portal.membership.models import ImportedPerson, Membership, MembershipTerm, Qualification
from portal.people.consents import latest_consents
from portal.people.models import Address, ConsentEvent, Person, Phone

_person_cells = attrgetter(*PERSON_FIELDS.values())
_USES = ("is_mailing", "is_shipping", "is_billing")


@dataclass(slots=True)
class Run:
    """One import: when, by whom, from which file, and what is to be told of it."""

    at: datetime
    day: date
    actor: object
    file: str
    body: str
    notes: list[str] = field(default_factory=list)

    def note(self, change: Change, sentence: str) -> None:
        self.notes.append(f"line {change.line}, {change.person}: {sentence}")

    def source(self, change: Change) -> str:
        return f"{shortened(self.file, 90)}, line {change.line}"


def ids_of_known(changes: Iterable[Change]) -> list[int]:
    return [change.person.pk for change in changes if not change.is_new]


def write_people(changes: Sequence[Change], run: Run) -> None:
    """Names, address and purchase order number.

    The email address of a person with an account is their sign-in, and stays what it is.
    """
    changed = ChangedRows(Person, *PERSON_FIELDS.values())
    for change in changes:
        columns = change.changed(PERSON_FIELDS)
        if not change.is_new and change.person.email_is_sign_in and "email" in columns:
            columns.remove("email")
            if change.cell("email") != change.person.email:
                run.note(
                    change,
                    f"the email address stays {change.person.email}, because they sign in with "
                    "it. They can change it in the portal",
                )
        for column in columns:
            setattr(change.person, PERSON_FIELDS[column], change.cell(column))
        if columns and not change.is_new:
            changed.add(change.person.pk, *_person_cells(change.person))
    _insert_people([change.person for change in changes if change.is_new], run)
    changed.update()


def _insert_people(people: Sequence[Person], run: Run) -> None:
    new = NewRows(Person, "id", *PERSON_FIELDS.values(), "created_at")
    for person, key in zip(people, new_keys(Person, len(people)), strict=True):
        person.id = key
        new.add(key, *_person_cells(person), run.at)
    new.insert()


def write_addresses(changes: Sequence[Change], run: Run) -> None:
    """The one address of the file, for mailing, shipping and billing.

    Later: another postcode is a move, and the whole address of the file replaces the mailing
    address. Otherwise only its changed cells do, unless the person has moved in the portal since.
    """
    concerned = [change for change in changes if change.changed(ADDRESS_FIELDS)]
    known: dict[int, list[Address]] = {}
    found = locked_where(Address.objects.all(), "person_id", ids_of_known(concerned))
    for address in sorted(found, key=_main_first):
        known.setdefault(address.person_id, []).append(address)
    new = NewRows(Address, "person_id", *ADDRESS_FIELDS.values(), *_USES)
    changed = ChangedRows(Address, *ADDRESS_FIELDS.values())
    gone: list[int] = []
    for change in concerned:
        theirs = known.get(change.person.pk, [])
        imported = next(
            (a for a in theirs if a.postcode == change.before.get("postcode", "")), None
        )
        if not change.cell("address_line_1"):
            gone += [imported.pk] if imported else []
        elif not theirs:
            new.add(change.person.pk, *map(change.cell, ADDRESS_FIELDS), True, True, True)
        elif change.changed(["postcode", "country"]):
            changed.add(theirs[0].pk, *map(change.cell, ADDRESS_FIELDS))
        elif imported:
            changed.add(imported.pk, *_corrected(imported, change))
        else:
            run.note(
                change,
                "they have changed their address in the portal since the last import, so it "
                "stays as they entered it",
            )
    new.insert()
    changed.update()
    for chunk in chunks(gone):
        Address.objects.filter(pk__in=chunk).delete()


def _main_first(address: Address) -> tuple[bool, bool, int]:
    return not address.is_mailing, not address.is_billing, address.pk


def _corrected(address: Address, change: Change) -> Iterator[str]:
    """The address with the changed cells of the row."""
    for column, name in ADDRESS_FIELDS.items():
        is_changed = change.cell(column) != change.before.get(column, "")
        yield change.cell(column) if is_changed else str(getattr(address, name))


def write_phones(changes: Sequence[Change]) -> None:
    """One phone and one mobile; an emptied cell takes the number away."""
    concerned = [change for change in changes if change.changed(PHONES)]
    known = {
        (phone.person_id, phone.kind): phone
        for phone in rows_where(Phone.objects.all(), "person_id", ids_of_known(concerned))
    }
    new = NewRows(Phone, "person_id", "kind", "number")
    changed = ChangedRows(Phone, "number")
    gone: list[int] = []
    for change in concerned:
        for column in change.changed(PHONES):
            phone = known.get((change.person.pk, column))
            number = change.cell(column)
            if phone is None:
                if number:
                    new.add(change.person.pk, column, number)
            elif number:
                changed.add(phone.pk, number)
            else:
                gone.append(phone.pk)
    new.insert()
    changed.update()
    for chunk in chunks(gone):
        Phone.objects.filter(pk__in=chunk).delete()


def write_consents(changes: Sequence[Change], run: Run) -> None:
    """A yes gives a consent, a no takes back one that stands; an empty cell says nothing.

    Whoever has taken a consent back gives it again in the portal and nowhere else.
    """
    concerned = [change for change in changes if change.changed(CONSENTS)]
    last: dict[tuple[int, str], ConsentEvent] = {}
    for chunk in chunks(ids_of_known(concerned)):
        last |= latest_consents(chunk)
    wording = f"Recorded by {run.body} outside the portal. The exact wording is not known."
    events = NewRows(
        ConsentEvent, "person_id", "purpose", "granted", "source", "wording", "at", "actor_label"
    )
    actor = str(run.actor)[:250]
    for change in concerned:
        for column in change.changed(CONSENTS):
            event = last.get((change.person.pk, column))
            granted = change.cell(column) == "yes"
            stands = event is not None and event.granted
            if granted == stands or not change.cell(column):
                continue
            if granted and event is not None:
                run.note(
                    change,
                    f"{label(column)} was withdrawn on {on_day(event.at):%d/%m/%Y} and stays so. "
                    "Only they can agree to it again, in the portal",
                )
                continue
            source = run.source(change)
            events.add(change.person.pk, column, granted, source, wording, run.at, actor)
    events.insert()


def write_qualifications(changes: Sequence[Change]) -> None:
    """The date of CertMAP; an emptied cell takes the qualification away."""
    concerned = [change for change in changes if change.changed(["certmap_date"])]
    known: Mapping[int, Qualification] = {
        row.person_id: row
        for row in rows_where(
            Qualification.objects.filter(name=Qualification.CERTMAP),
            "person_id",
            ids_of_known(concerned),
        )
    }
    new = NewRows(Qualification, "person_id", "name", "awarded_on")
    changed = ChangedRows(Qualification, "awarded_on")
    gone: list[int] = []
    for change in concerned:
        row = known.get(change.person.pk)
        if not change.cell("certmap_date"):
            gone += [row.pk] if row else []
            continue
        awarded_on = date.fromisoformat(change.cell("certmap_date"))
        if row is None:
            new.add(change.person.pk, Qualification.CERTMAP, awarded_on)
        else:
            changed.add(row.pk, awarded_on)
    new.insert()
    changed.update()
    for chunk in chunks(gone):
        Qualification.objects.filter(pk__in=chunk).delete()


def write_memberships(plan: TermPlan) -> None:
    """Memberships and terms as planned."""
    new = NewRows(Membership, "id", "person_id", "number", "member_since")
    keys = new_keys(Membership, len(plan.new_memberships))
    for key, (change, membership) in zip(keys, plan.new_memberships, strict=True):
        membership.id = key
        new.add(key, change.person.pk, membership.number, membership.member_since)
    new.insert()
    changed = ChangedRows(Membership, "number", "member_since")
    for membership in plan.changed_memberships:
        changed.add(membership.pk, membership.number, membership.member_since)
    changed.update()
    terms = NewRows(MembershipTerm, "membership_id", "category_id", "start", "end")
    for term in plan.new_terms:
        terms.add(term.membership.pk, term.category_id, term.start, term.end)
    terms.insert()
    corrected = ChangedRows(MembershipTerm, "category_id", "start", "end")
    for term in plan.changed_terms:
        corrected.add(term.pk, term.category_id, term.start, term.end)
    corrected.update()


def write_record(changes: Sequence[Change], run: Run) -> None:
    """Keep the cells for the next import, and the history of whoever changed whom."""
    new = NewRows(ImportedPerson, "key", "person_id", "cells", "imported_at")
    changed = ChangedRows(ImportedPerson, "key", "cells", "imported_at")
    for change in changes:
        if change.imported is None:
            new.add(change.key, change.person.pk, change.cells, run.at)
        else:
            changed.add(change.imported.pk, change.key, change.cells, run.at)
    changed.update()
    new.insert()
    record_all(_entries(changes, run), actor=run.actor, at=run.at)


def _entries(changes: Iterable[Change], run: Run) -> Iterator[tuple[str, Person, dict[str, Any]]]:
    for change in changes:
        where = {"file": run.file, "line": change.line}
        if change.is_new:
            yield "imported", change.person, where
        else:
            yield "changed by import", change.person, where | {"columns": change.changed()}
