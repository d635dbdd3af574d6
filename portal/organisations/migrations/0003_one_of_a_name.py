"""The form for comparing is one organisation's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_form_for_comparing")]

    operations = [
        migrations.AlterField(
            "organisation",
            "compared_name",
            models.TextField(default="", editable=False, unique=True),
        ),
    ]
