"""Indexes on the forms for comparing: apart from filling them, since PostgreSQL does not do both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_names_and_forms_for_comparing")]

    operations = [
        migrations.AlterField(
            "person",
            "compared_name",
            models.TextField(db_index=True, default="", editable=False),
        ),
        migrations.AlterField(
            "address",
            "compared_postcode",
            models.TextField(db_index=True, default="", editable=False),
        ),
    ]
