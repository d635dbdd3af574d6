"""Queries whose SQL is worked out once and then kept.

For a query with subqueries Django needs several times as long to write the SQL as the database to
answer it (docs/decisions/0032-queries-written-once.md has the figures). What every page asks, and
what very many visitors ask, keeps its SQL: the query is still written with the ORM, asked the first
time as it stands, and from then on by Django's `raw()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.expressions import RawSQL

Row = TypeVar("Row", bound=models.Model)


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
        self._model: type[Row] | None = None
        self._sql, self._params = "", ()

    def rows(self, **values: Any) -> list[Row]:
        """The objects for these values: one query."""
        given = {
            name: field.get_db_prep_value(values[name], connection)
            for name, field in self._of.items()
        }
        if self._model is None:
            return self._ask_first(given)
        return list(self._model._default_manager.raw(self._sql, _filled(self._params, given)))

    def first(self, **values: Any) -> Row | None:
        """The first object, or None where there is none: one query."""
        return next(iter(self.rows(**values)), None)

    def _ask_first(self, given: Mapping[str, Any]) -> list[Row]:
        """As any queryset; its SQL is noted on the way to the database."""
        noted: list[tuple[str, Sequence[Any]]] = []

        def note(execute: Any, sql: str, params: Sequence[Any], many: bool, context: Any) -> Any:
            noted.append((sql, tuple(params)))
            return execute(sql, _filled(params, given), many, context)

        queryset = self._build(
            **{
                name: RawSQL("%s", [_Given(name)], output_field=field)
                for name, field in self._of.items()
            }
        )
        with connection.execute_wrapper(note):
            found = list(queryset)
        [(self._sql, self._params)] = noted
        self._model = queryset.model
        return found


def _filled(params: Sequence[Any], given: Mapping[str, Any]) -> list[Any]:
    return [given[value.name] if isinstance(value, _Given) else value for value in params]
