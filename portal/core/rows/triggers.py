"""Database triggers that refuse to change rows that are written once.

Only UPDATE: the database must stay able to empty its tables when a test ends, and a person who is
erased takes their entries with them. On SQLite a migration that rebuilds one of these tables drops
its trigger with it and has to make it again (tests/core/rows/test_immutable.py notices). Migrations
use this: what it makes does not change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.migrations import RunPython

SENTENCE = "Rows that are written once do not change"
ISSUED = "Issued rows do not change"


def refuse_updates(table: str) -> RunPython:
    """The step of a migration after which no row of the table can be updated."""

    def refuse(_: Any, schema_editor: Any) -> None:
        for statement in _statements(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)

    def allow(_: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_is_appended ON {table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {table}_refuse_update()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_is_appended", params=None)

    return RunPython(refuse, allow)


def _statements(vendor: str, table: str) -> list[str]:
    trigger = f"CREATE TRIGGER {table}_is_appended BEFORE UPDATE ON {table} "
    if vendor != "postgresql":
        return [f"{trigger}BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"]
    return [
        f"CREATE FUNCTION {table}_refuse_update() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'check_violation'; END $$",
        f"{trigger}FOR EACH ROW EXECUTE FUNCTION {table}_refuse_update()",
    ]


def pause_issued(table: str) -> RunPython:
    """The step of a migration before an issued table gets other columns (`resume_issued` after)."""
    return RunPython(_paused(table), _resumed(table))


def resume_issued(table: str) -> RunPython:
    """The step after which no row of an issued table can be updated again."""
    return RunPython(_resumed(table), _paused(table))


def _paused(table: str) -> Callable[[Any, Any], None]:
    def pause(_: Any, schema_editor: Any) -> None:
        where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_immutable{where}", params=None)

    return pause


def _resumed(table: str) -> Callable[[Any, Any], None]:
    """With the sentence, and PostgreSQL's function, of billing's 0002_refuse_updates."""

    def resume(_: Any, schema_editor: Any) -> None:
        trigger = f"CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table} "
        if schema_editor.connection.vendor == "postgresql":
            what = "FOR EACH ROW EXECUTE FUNCTION billing_refuse_update()"
        else:
            what = f"BEGIN SELECT RAISE(ABORT, '{ISSUED}'); END"
        schema_editor.execute(trigger + what, params=None)

    return resume
