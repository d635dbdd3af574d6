"""Rows that are written once."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class Immutable(Exception):
    """An issued row was to be changed or deleted. Correct it with a new document instead."""


class ImmutableQuerySet(models.QuerySet[Any]):
    def update(self, **_: Any) -> NoReturn:
        raise Immutable("Issued rows do not change.")

    def delete(self) -> NoReturn:
        raise Immutable("Issued rows are not deleted.")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Issued rows do not change.")


class ImmutableRow(models.Model):
    """Written once. The database refuses updates too (migration 0002)."""

    objects = ImmutableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("Issued rows do not change.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Issued rows are not deleted.")
