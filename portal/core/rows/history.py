"""The history of acts: who did what to what, when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from portal.core.models import HistoryEntry
from portal.core.rows.bulk import NewRows


def _type_of(actor: object) -> str:
    """“people.Person”, “accounts.User”: the ids of the two are not the same; a command has none."""
    return actor._meta.label if isinstance(actor, models.Model) else ""


def record(act: str, obj: models.Model, *, actor: object, at: datetime, **detail: Any) -> None:
    """Add an entry, in the act's transaction. `actor` is a model row, or the name of a command."""
    HistoryEntry.objects.create(
        at=at,
        act=act,
        actor_label=str(actor)[:250],
        actor_type=_type_of(actor),
        actor_id=str(getattr(actor, "pk", "")),
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        object_label=str(obj)[:250],
        detail=detail,
    )


def entries_about(rows: Iterable[models.Model]) -> models.QuerySet[HistoryEntry]:
    """What was done to any of these rows, newest first."""
    about = models.Q()
    for row in rows:
        about |= models.Q(object_type=row._meta.label, object_id=str(row.pk))
    return HistoryEntry.objects.filter(about).order_by("-at", "-pk")


def record_all(
    entries: Iterable[tuple[str, models.Model, dict[str, Any]]], *, actor: object, at: datetime
) -> None:
    """Add very many entries, each an act, its object and the detail: 5 µs each, with one query."""
    rows = NewRows(
        HistoryEntry,
        "act",
        "object_type",
        "object_id",
        "object_label",
        "detail",
        "at",
        "actor_label",
        "actor_type",
        "actor_id",
    )
    about = (at, str(actor)[:250], _type_of(actor), str(getattr(actor, "pk", "")))
    for act, obj, detail in entries:
        rows.add(act, obj._meta.label, str(obj.pk), str(obj)[:250], detail, *about)
    rows.insert()
