"""Rows that are written once."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models


class Immutable(Exception):
    """A row that is written once was to be changed, or an issued one deleted.

    What was issued is corrected with a new document, what was noted with a new entry.
    """


class AppendedQuerySet(models.QuerySet[Any]):
    def update(self, **_: Any) -> NoReturn:
        raise Immutable("Rows that are written once do not change.")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Rows that are written once do not change.")


class AppendedRow(models.Model):
    """Only added, never changed; the database refuses updates too (portal/core/rows/triggers.py).

    It may be deleted: who is erased (UK GDPR, Article 17) leaves no entries about them.
    """

    objects = AppendedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("Rows that are written once do not change.")
        super().save(*args, **kwargs)


class ImmutableQuerySet(AppendedQuerySet):
    def delete(self) -> NoReturn:
        raise Immutable("Rows of this kind are never deleted.")


class ImmutableRow(AppendedRow):
    """An issued row: neither changed nor deleted (tax records, six years)."""

    objects: ClassVar[models.Manager[Any]] = ImmutableQuerySet.as_manager()

    class Meta:
        abstract = True

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable("Rows of this kind are never deleted.")
