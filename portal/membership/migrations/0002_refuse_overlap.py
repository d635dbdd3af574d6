"""The database itself refuses two terms of a membership with a day in common.

PostgreSQL by an exclusion constraint (a key is compared as a range of itself, so that no extension
is needed), SQLite by triggers. On SQLite a migration that rebuilds the table drops its triggers
with it and has to make them again (tests/membership/test_terms.py notices).
"""

from django.db import migrations

TABLE = "membership_membershipterm"
SENTENCE = "Terms of a membership overlap"


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT terms_never_overlap EXCLUDE USING gist ("
            "int8range(membership_id, membership_id, '[]') WITH &&, "
            "daterange(start, \"end\", '[]') WITH &&)",
            params=None,
        )
        return
    for act in ("insert", "update"):
        schema_editor.execute(_trigger(act), params=None)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE {TABLE} DROP CONSTRAINT terms_never_overlap", params=None
        )
        return
    for act in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER terms_never_overlap_{act}", params=None)


def _trigger(act):
    return (
        f"CREATE TRIGGER terms_never_overlap_{act} AFTER {act.upper()} ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} AS other WHERE other.id <> NEW.id "
        "AND other.membership_id = NEW.membership_id "
        'AND other.start <= NEW."end" AND other."end" >= NEW.start) '
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    )


class Migration(migrations.Migration):
    dependencies = [("membership", "0001_initial")]

    operations = [migrations.RunPython(refuse, allow)]
