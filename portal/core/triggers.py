"""The database itself refuses to change rows that are written once, whoever asks.

Only UPDATE: the database must stay able to empty its tables when a test ends, and a person who is
erased takes their entries with them. On SQLite a migration that rebuilds one of these tables drops
its trigger with it and has to make it again (tests/core/test_immutable.py notices). Migrations
use this: what it makes does not change.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

SENTENCE = "Rows that are written once do not change"


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
