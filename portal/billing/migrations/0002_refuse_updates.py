"""The database itself refuses to change issued rows, whoever asks and by whatever tool.

Only UPDATE: deleting is refused by the models, because the database must stay able to empty its
tables when a test ends. On SQLite a migration that rebuilds one of these tables drops its trigger
with it and has to make it again (tests/billing/test_immutable.py notices).
"""

from django.db import migrations

TABLES = [
    "billing_invoice",
    "billing_invoiceline",
    "billing_payment",
    "billing_allocation",
]
SENTENCE = "Issued rows do not change"


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION billing_refuse_update() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'check_violation'; END $$",
            params=None,
        )
    for table in TABLES:
        schema_editor.execute(_trigger(schema_editor.connection.vendor, table), params=None)


def allow(apps, schema_editor):
    on_table = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        where = f" ON {table}" if on_table else ""
        schema_editor.execute(f"DROP TRIGGER {table}_is_immutable{where}", params=None)
    if on_table:
        schema_editor.execute("DROP FUNCTION billing_refuse_update()", params=None)


def _trigger(vendor, table):
    if vendor == "postgresql":
        return (
            f"CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION billing_refuse_update()"
        )
    return (
        f"CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunPython(refuse, allow)]
