"""Importing members and customers from the office's own list.

- All rows are checked before any is written; nothing is written unless all of them are good, or
  `skip_bad` leaves the bad ones out.
- Everything is written in one transaction: killed at any point, there is nothing half written.
- One import at a time.
- Locks, in the order of all acts: the people whose rows change (import_matching), then running
  affiliations (import_affiliations), both before the first row is written. Nothing else needs one,
  because nobody who waits for these holds anything that the import has still to change. Addresses,
  memberships and terms change under the lock of their person, whoever changes them; phones change
  by imports alone; of qualifications and organisations others change one row and wait for no more.
- The same file again changes nothing. What changes otherwise: see import_matching, import_terms,
  import_writing and import_affiliations. An import never touches an account or a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.core.body.details import BodyMissing, the_body
from portal.core.dates import on_day
from portal.core.rows.bulk import without_collecting
from portal.core.rows.locking import alone
from portal.core.sheets import AnotherImport, BadSheet, Outcome, Problem, Progress, Sheet, quiet
from portal.membership.importing_people.affiliations import (
    Held,
    hold_affiliations,
    verify_affiliations,
    write_affiliations,
)
from portal.membership.importing_people.columns import Lists, readers
from portal.membership.importing_people.matching import Change, Matched, match
from portal.membership.importing_people.rows import PersonRow, check_rows, check_together
from portal.membership.importing_people.terms import TermPlan, plan_terms, told
from portal.membership.importing_people.writing import (
    Run,
    ids_of_known,
    write_addresses,
    write_consents,
    write_memberships,
    write_people,
    write_phones,
    write_qualifications,
    write_record,
)

_WRITE_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Options:
    verified: bool
    skip_bad: bool
    dry_run: bool
    trust_numbers: bool


def import_people(
    sheet: Sheet,
    *,
    actor: object,
    at: datetime,
    verified: bool = False,
    skip_bad: bool = False,
    dry_run: bool = False,
    trust_numbers: bool = False,
    progress: Progress = quiet,
) -> Outcome:
    """Import the rows of a sheet read with `import_columns.COLUMNS`.

    `verified`: the office vouches for the affiliations. `skip_bad`: leave bad rows out and import
    the others. `dry_run`: do it all, and write nothing. `trust_numbers`: see import_matching.
    Raises BadSheet (with all problems) and AnotherImport; then nothing is written.
    """
    with without_collecting():
        return _import(
            sheet, Options(verified, skip_bad, dry_run, trust_numbers), actor, at, progress
        )


def _import(
    sheet: Sheet, options: Options, actor: object, at: datetime, progress: Progress
) -> Outcome:
    lists = Lists.load()
    outcome = Outcome(skipped=[*sheet.problems], notes=[*sheet.notes], was_dry_run=options.dry_run)
    rows = _check(sheet, lists, at, outcome, progress)
    if outcome.skipped and not options.skip_bad:
        # What the database says against the good rows is told at the same time.
        matched = match(rows, to_write=False, trust_numbers=options.trust_numbers)
        planned = _plan(matched, lists, on_day(at))
        raise BadSheet([*outcome.skipped, *planned[2]])
    run = Run(at, on_day(at), actor, sheet.name, _body_name(), outcome.notes)
    with alone("import") as is_alone:
        if not is_alone:
            raise AnotherImport
        with transaction.atomic():
            _write(rows, lists, run, outcome, options, progress)
            if options.dry_run:
                transaction.set_rollback(True)
    outcome.skipped.sort()
    return outcome


def _check(
    sheet: Sheet, lists: Lists, at: datetime, outcome: Outcome, progress: Progress
) -> list[PersonRow]:
    """The rows that are good as far as the file tells; the others' problems go to the outcome."""
    total = len(sheet.rows)
    rows, problems = check_rows(
        sheet.rows, readers(lists, on_day(at)), lambda done: progress("Checking", done, total)
    )
    problems += check_together(rows, beside=sheet.rows)
    progress("Checking", total, total)
    outcome.skipped += problems
    bad = {problem.line for problem in problems}
    return [row for row in rows if row.line not in bad]


def _plan(matched: Matched, lists: Lists, on: date) -> tuple[list[Change], TermPlan, list[Problem]]:
    """What can be written, and the problems of the rest."""
    plan = plan_terms(matched.changes, lists, on)
    bad = {problem.line for problem in plan.problems}
    changes = [change for change in matched.changes if change.line not in bad]
    return changes, plan, [*matched.problems, *plan.problems]


def _write(
    rows: list[PersonRow],
    lists: Lists,
    run: Run,
    outcome: Outcome,
    options: Options,
    progress: Progress,
) -> None:
    """Match the rows with the database, and write what has changed. Raises BadSheet."""
    matched = match(rows, to_write=True, trust_numbers=options.trust_numbers)
    changes, plan, problems = _plan(matched, lists, run.day)
    outcome.skipped += problems
    if problems and not options.skip_bad:
        raise BadSheet(problems)
    known = [*ids_of_known(changes), *(pk for _, pk in matched.unchanged)]
    held = hold_affiliations(changes, known if options.verified else ())
    for done in range(0, len(changes), _WRITE_AT_ONCE):
        progress("Writing", done, len(changes))
        _write_some(changes[done : done + _WRITE_AT_ONCE], lists, run, held)
    write_memberships(plan)
    for change, gap in plan.gaps:
        run.note(change, told(gap))
    outcome.added = sum(change.is_new for change in changes)
    outcome.changed = len(changes) - outcome.added
    outcome.unchanged = len(matched.unchanged)
    if options.verified:
        people = [(pk, row.cells) for row, pk in matched.unchanged]
        people += [(change.person.pk, change.cells) for change in changes]
        if count := verify_affiliations(people, run, held):
            them = "1 affiliation was" if count == 1 else f"{count:,} affiliations were"
            run.notes.append(f"{them} marked as verified by the office.")
    progress("Writing", len(changes), len(changes))


def _write_some(changes: list[Change], lists: Lists, run: Run, held: Held) -> None:
    write_people(changes, run)
    write_addresses(changes, run)
    write_phones(changes)
    write_consents(changes, run)
    write_qualifications(changes)
    write_affiliations(changes, lists, run, held)
    write_record(changes, run)


def _body_name() -> str:
    try:
        return the_body().name
    except BodyMissing:
        return "the office"
