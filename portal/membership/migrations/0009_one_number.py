"""The number as it is compared is one person's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("membership", "0008_form_for_comparing")]

    operations = [
        migrations.AlterField(
            "membership",
            "compared_number",
            models.TextField(default="", editable=False, unique=True),
        ),
    ]
