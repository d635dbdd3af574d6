"""Queries whose SQL is worked out once and then kept.

For a query with several annotations Django needs more time to write the SQL than the database
needs to answer it (measured: 1.8 of 2.6 ms). A page that is asked for often keeps the SQL, and so
does what every page asks: the query is still written with the ORM, and its values still come back
as the fields make them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import connection, models
from django.db.models import ExpressionWrapper, QuerySet
from django.db.models.expressions import RawSQL

_MARK = object()  # stands among the parameters where the value is given later
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Kept:
    sql: str
    params: tuple[Any, ...]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]


class PreparedQuery:
    """A query of rows of values that differs only by one key, such as a person's.

    `build` takes an expression that stands for the key, and returns a `values_list` queryset
    (without slices that vary: the SQL is kept). `of` is the field that the key is a value of.
    Safe for threads.
    """

    def __init__(
        self,
        build: Callable[[Any], QuerySet[Any, Any]],
        *,
        of: models.Field[Any, Any] | None = None,
    ) -> None:
        self._build = build
        self._of = of or models.BigIntegerField()
        self._kept: dict[str, _Kept] = {}

    def rows(self, key: Any) -> list[tuple[Any, ...]]:
        """The rows for this key: one query."""
        kept = self._kept.get(connection.vendor)
        if kept is None:
            kept = self._kept[connection.vendor] = self._compile()
        key = self._of.get_db_prep_value(key, connection)
        params = [key if value is _MARK else value for value in kept.params]
        with connection.cursor() as cursor:
            cursor.execute(kept.sql, params)
            rows = cursor.fetchall()
        if not kept.converters:
            return [tuple(row) for row in rows]
        return [_converted(list(row), kept.converters) for row in rows]

    def _compile(self) -> _Kept:
        key = ExpressionWrapper(RawSQL("%s", [_MARK]), output_field=self._of)
        compiler = self._build(key).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        return _Kept(sql, tuple(params), [(n, *pair) for n, pair in converters.items()])


class PreparedRow(Generic[Row]):
    """The first row of a query as an object, with one related object (`with_`) if wanted.

    `build` takes an expression that stands for the key, and returns a queryset of objects.
    """

    def __init__(
        self,
        model: type[Row],
        build: Callable[[Any], QuerySet[Row]],
        *,
        of: models.Field[Any, Any] | None = None,
        with_: str = "",
    ) -> None:
        self._model, self._with = model, with_
        self._own = [field.attname for field in model._meta.concrete_fields]
        self._others: list[str] = []
        if with_:
            self._other = cast("type[models.Model]", model._meta.get_field(with_).related_model)
            self._others = [field.attname for field in self._other._meta.concrete_fields]
        names = [*self._own, *(f"{with_}__{name}" for name in self._others)]
        self._query = PreparedQuery(lambda key: build(key).values_list(*names)[:1], of=of)

    def first(self, key: Any) -> Row | None:
        """The object, or None where there is none: one query."""
        for row in self._query.rows(key):
            found = self._model.from_db(connection.alias, self._own, row)
            if self._with:
                other = self._other.from_db(connection.alias, self._others, row[len(self._own) :])
                setattr(found, self._with, other)
            return found
        return None


def _converted(
    row: list[Any], converters: list[tuple[int, list[Callable[..., Any]], Any]]
) -> tuple[Any, ...]:
    for position, functions, column in converters:
        for function in functions:
            row[position] = function(row[position], column, connection)
    return tuple(row)
