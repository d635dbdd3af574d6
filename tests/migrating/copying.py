"""A database of its own with the rows of an older commit, in the place of the tests' database."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

FIRST_WALK = Path(__file__).resolve().parent / "first_walk"


def kept(name: str) -> dict[str, Any]:
    """What make_copy.py wrote: "copy" or "said"."""
    found: dict[str, Any] = json.loads(
        lzma.decompress((FIRST_WALK / f"{name}.json.xz").read_bytes())
    )
    return found


@contextmanager
def in_the_place_of_the_tests(folder: Path, copy: dict[str, Any]) -> Iterator[None]:
    """The copy is the database of the block, as it was kept: nothing is migrated yet."""
    own = connection.settings_dict["NAME"]
    with _on_sqlite(folder) if settings.SQLITE else _on_postgresql(f"{own}_copy") as name:
        _change_to(name)
        try:
            (_fill_sqlite if settings.SQLITE else _fill_postgresql)(copy)
            yield
        finally:
            _change_to(own)


def _change_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[str]:
    yield str(folder / "copy.sqlite3")


@contextmanager
def _on_postgresql(name: str) -> Iterator[str]:
    known = connection.get_connection_params()
    words = {word: known.get(word) for word in ("host", "port", "user", "password")}
    with psycopg.connect(dbname="postgres", autocommit=True, **words) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield name
        finally:
            connection.close()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _fill_sqlite(copy: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:  # whose rows name each other
        for statement in copy["sqlite"]["before"]:
            cursor.execute(statement)
        for table, (columns, rows) in copy["rows"].items():
            marks = ", ".join(["%s"] * len(columns))
            named = ", ".join(f'"{column}"' for column in columns)
            cursor.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', rows)
        for statement in copy["sqlite"]["after"]:
            cursor.execute(statement)


def _fill_postgresql(copy: dict[str, Any]) -> None:
    """PostgreSQL itself reads each value as its column's type says."""
    of_json = set(copy["json"])
    with connection.cursor() as cursor:
        cursor.execute(copy["postgresql"]["before"])
        cursor.execute("SET search_path TO public")
        for table, (columns, rows) in (copy["rows"] | copy["postgresql"]["rows"]).items():
            if not rows:
                continue
            found = [
                {
                    column: json.loads(value) if value and f"{table}.{column}" in of_json else value
                    for column, value in zip(columns, row, strict=True)
                }
                for row in rows
            ]
            named = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f'INSERT INTO "{table}" ({named}) OVERRIDING SYSTEM VALUE SELECT {named} '
                f'FROM json_populate_recordset(NULL::"{table}", %s::json)',
                [json.dumps(found)],
            )
            if "id" in columns:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) "
                    f'FROM "{table}" HAVING max(id) IS NOT NULL',
                    [table],
                )
        cursor.execute(copy["postgresql"]["after"])
    connection.close()  # what the tables' own words set in this session goes with it
