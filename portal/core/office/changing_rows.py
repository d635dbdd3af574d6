"""The office enters, changes and deletes rows that need no act of their own: settings, above all.

Rules:
- The history has who did it, and what stood there before and after.
- A change is of the named fields alone: what others changed meanwhile stays.
- A row that holds from a day on (core/rows/dated.py) and has held for some days is changed only
  where the office says that it was wrong all the time. One without which nothing would hold today
  is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.forms.models import model_to_dict

from portal.core.dates import short_date
from portal.core.office.permitting import needs_for_row
from portal.core.rows.dated import DatedRow
from portal.core.rows.history import record
from portal.core.rows.locking import lock, lock_one


class HeldSince(Exception):
    """A row that has held for some days was to be changed, and nobody said that it was wrong."""

    field = "corrects"

    def __init__(self, row: DatedRow) -> None:
        super().__init__(
            f"This has applied since {short_date(row.valid_from)}. To change it from a later day, "
            "give that day as “valid from” and choose “Save as new”. If it has been wrong from the "
            "start, tick the box."
        )


class MustStay(Exception):
    """Nothing would hold without the row. Carries the sentence."""


@needs_for_row("add")
@transaction.atomic
def add_row(row: models.Model, *, actor: object, at: datetime) -> models.Model:
    """Keep a new row. Raises ValidationError where a row of its kind says that it cannot be."""
    row.clean()
    row.save(force_insert=True)
    after = _words(row, [field.name for field in row._meta.fields])
    record(f"{_kind(row)} added", row, actor=actor, at=at, before={}, after=after)
    return row


@needs_for_row("change")
@transaction.atomic
def change_row(
    row: models.Model,
    *,
    changes: Mapping[str, Any],
    is_correction: bool = False,
    actor: object,
    at: datetime,
) -> models.Model:
    """Change the named fields, and no other. What is the same changes nothing.

    `is_correction`: a row that has held was wrong all the time. Raises HeldSince, ValidationError,
    and the model's DoesNotExist where it is gone.
    """
    now: models.Model = lock_one(type(row)._default_manager.filter(pk=row.pk))
    names, was = list(changes), _words(now, changes)
    held = now.has_held if isinstance(now, DatedRow) else False
    for name in names:
        setattr(now, name, changes[name])
    after = {name: value for name, value in _words(now, changes).items() if value != was[name]}
    if not after:
        return now
    if held and isinstance(row, DatedRow) and not is_correction:
        raise HeldSince(row)
    now.clean()
    now.save(update_fields=[name for name in names if name in after])
    done = "corrected" if held else "changed"
    before = {name: was[name] for name in after}
    record(f"{_kind(now)} {done}", now, actor=actor, at=at, before=before, after=after)
    return now


@needs_for_row("delete")
@transaction.atomic
def delete_row(row: models.Model, *, actor: object, at: datetime) -> None:
    """Delete it. Raises MustStay, and ProtectedError where others hang on it."""
    if isinstance(row, DatedRow):
        same = {name: getattr(row, name) for name in row.about}
        lock(type(row)._default_manager.filter(**same), for_deletion=True)
        check_may_go(row)
    before = _words(row, [field.name for field in row._meta.concrete_fields])
    record(f"{_kind(row)} deleted", row, actor=actor, at=at, before=before)
    row.delete()


def check_may_go(row: DatedRow) -> None:
    """Raises MustStay."""
    if sentence := row.refusal_to_delete():
        raise MustStay(sentence)


def _kind(row: models.Model) -> str:
    return str(row._meta.verbose_name)


def _words(row: models.Model, names: Iterable[str]) -> dict[str, str]:
    """What stands in those of the fields that are typed."""
    values = model_to_dict(row)
    return {name: str(values[name]) for name in names if name in values}
