"""Queries whose SQL is worked out once and then kept.

For a query with subqueries Django needs several times as long to write the SQL as the database to
answer it (docs/decisions/0032-queries-written-once.md has the figures). What every page asks, and
what very many visitors ask, keeps its SQL: the query is still written with the ORM, and asked by
Django's `raw()`. `sql_with_params` has a public name, but Django's documentation does not list it:
nothing documented gives the SQL apart from its values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import connection, models
from django.db.models.expressions import RawSQL

Row = TypeVar("Row", bound=models.Model)

_Written: TypeAlias = tuple[type[Row], str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Given:
    """Stands among the parameters for a value that differs each time."""

    name: str


class Prepared(Generic[Row]):
    """A query of objects that differs only by some values. Safe for threads.

    `build` takes an expression for each value and returns a queryset; `of` says of which field each
    is a value. Its shape is the same each time: nothing in it may depend on the values. What it
    annotates comes as the database gives it: numbers and texts, but no dates and no Money. Related
    objects cannot be fetched with it.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[Row]], **of: models.Field[Any, Any]
    ) -> None:
        self._build, self._of = build, of
        self._kept: _Written[Row] | None = None

    def rows(self, **values: Any) -> list[Row]:
        """The objects for these values: one query."""
        model, sql, params = self._kept or self._write()
        given = {
            name: field.get_db_prep_value(values[name], connection)
            for name, field in self._of.items()
        }
        filled = [given[one.name] if isinstance(one, _Given) else one for one in params]
        return list(model._default_manager.raw(sql, filled))

    def first(self, **values: Any) -> Row | None:
        """The first object, or None where there is none: one query."""
        return next(iter(self.rows(**values)), None)

    def _write(self) -> _Written[Row]:
        marks = {
            name: RawSQL("%s", [_Given(name)], output_field=field)
            for name, field in self._of.items()
        }
        queryset = self._build(**marks)
        self._kept = (queryset.model, *queryset.query.sql_with_params())
        return self._kept
