"""The history of acts: who did what to what, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from portal.core.models import HistoryEntry


def record(act: str, obj: models.Model, *, actor: object, at: datetime, **detail: Any) -> None:
    """Add an entry, in the act's transaction. `actor` is a model row, or the name of a command."""
    HistoryEntry.objects.create(
        at=at,
        act=act,
        actor_label=str(actor)[:250],
        actor_id=str(getattr(actor, "pk", "")),
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        object_label=str(obj)[:250],
        detail=detail,
    )
