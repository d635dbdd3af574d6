"""Queries whose SQL is worked out once and then kept.

For a query with subqueries Django needs several times as long to write the SQL as the database to
answer it (docs/decisions/0032-queries-written-once.md has the figures). What every page asks, and
what very many visitors ask, keeps its SQL: the query is still written with the ORM, and asked by
Django's `raw()`. `sql_with_params` has a public name, but Django's documentation does not list it:
nothing documented gives the SQL apart from its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar, cast

from django.db import connection, models
from django.db.models import F
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
    annotates comes as the database gives it: numbers and texts, but no dates and no Money.
    `related` are relations to one object each, which come with it.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Row]],
        *,
        related: Sequence[str] = (),
        **of: models.Field[Any, Any],
    ) -> None:
        self._build, self._related, self._of = build, related, of
        self._kept: _Written[Row] | None = None

    def rows(self, **values: Any) -> list[Row]:
        """The objects for these values: one query."""
        model, sql, params = self._kept or self._write()
        given = {
            name: field.get_db_prep_value(values[name], connection)
            for name, field in self._of.items()
        }
        filled = [given[one.name] if isinstance(one, _Given) else one for one in params]
        rows = list(model._default_manager.raw(sql, filled))
        for name in self._related:
            _relate(rows, name, _target(model, name))
        return rows

    def first(self, **values: Any) -> Row | None:
        """The first object, or None where there is none: one query."""
        return next(iter(self.rows(**values)), None)

    def _write(self) -> _Written[Row]:
        marks = {
            name: RawSQL("%s", [_Given(name)], output_field=field)
            for name, field in self._of.items()
        }
        queryset = self._build(**marks)
        for name in self._related:
            fields = _target(queryset.model, name)._meta.concrete_fields
            its = {f"its_{name}_{field.attname}": F(f"{name}__{field.attname}") for field in fields}
            queryset = queryset.annotate(**its)
        self._kept = (queryset.model, *queryset.query.sql_with_params())
        return self._kept


def _target(model: type[models.Model], relation: str) -> type[models.Model]:
    return cast("type[models.Model]", model._meta.get_field(relation).related_model)


def _relate(rows: Iterable[models.Model], name: str, target: type[models.Model]) -> None:
    """Make the related object of each row out of its columns; None where it has none."""
    fields = target._meta.concrete_fields
    names = [field.attname for field in fields]
    for row in rows:
        cells = [_in_python(f, getattr(row, f"its_{name}_{f.attname}")) for f in fields]
        has_one = getattr(row, f"its_{name}_{target._meta.pk.attname}") is not None
        setattr(row, name, target.from_db(connection.alias, names, cells) if has_one else None)


def _in_python(field: models.Field[Any, Any], value: Any) -> Any:
    """What a column of a related object holds. SQLite gives moments as text, in UTC."""
    if hasattr(field, "from_db_value"):
        return field.from_db_value(value, None, connection)
    value = field.to_python(value)
    return value.replace(tzinfo=UTC) if _is_naive(value) else value


def _is_naive(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None
