"""Terms without an end, and categories for life.

PostgreSQL's constraint takes a missing end as no end already. SQLite rebuilds the table, which
drops its triggers (0002): they are made again, and take it so too.
"""

from django.db import migrations, models

TABLE = "membership_membershipterm"
SENTENCE = "Terms of a membership overlap"
ACTS = ("insert", "update")


def _trigger(act, end):
    return (
        f"CREATE TRIGGER terms_never_overlap_{act} AFTER {act.upper()} ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} AS other WHERE other.id <> NEW.id "
        "AND other.membership_id = NEW.membership_id "
        f"AND other.start <= {end.format('NEW')} AND {end.format('other')} >= NEW.start) "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for act in ACTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS terms_never_overlap_{act}", params=None)


def _make(schema_editor, end):
    if schema_editor.connection.vendor == "sqlite":
        for act in ACTS:
            schema_editor.execute(_trigger(act, end), params=None)


def make(apps, schema_editor):
    _make(schema_editor, "COALESCE({}.\"end\", '9999-12-31')")


def make_as_before(apps, schema_editor):
    _make(schema_editor, '{}."end"')


class Migration(migrations.Migration):
    dependencies = [("membership", "0006_number_whatever_its_case")]

    operations = [
        migrations.RunPython(drop, make_as_before),
        migrations.AddField(
            model_name="membershipcategory",
            name="is_for_life",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Such as honorary members. They have no renewal date: nothing is to be renewed."
                ),
                verbose_name="for life",
            ),
        ),
        migrations.AlterField(
            model_name="membershipterm",
            name="end",
            field=models.DateField(blank=True, help_text="Empty: for life.", null=True),
        ),
        migrations.RunPython(make, drop),
    ]
