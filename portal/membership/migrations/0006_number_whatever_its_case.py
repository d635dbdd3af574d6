"""A membership number is one person's, whatever its capitals; the database refuses it too."""

from collections import defaultdict

import django.db.models.functions.text
from django.core.management.base import CommandError
from django.db import migrations, models


def refuse_the_same(apps, schema_editor):
    """Nobody but the office can tell whose number it is. Raises CommandError."""
    alike = defaultdict(list)
    for number in apps.get_model("membership", "Membership").objects.values_list("number", flat=True):
        alike[number.casefold()].append(number)
    several = sorted(" and ".join(sorted(numbers)) for numbers in alike.values() if len(numbers) > 1)
    if several:
        raise CommandError(
            "Membership numbers that differ only in capitals and small letters are now the same, "
            f"and several people have one: {'; '.join(several)}. Go back to the version that you "
            "had, give each person another number in the office under Memberships, and update "
            "again.",
            returncode=2,
        )


class Migration(migrations.Migration):
    dependencies = [("membership", "0005_bounds")]

    operations = [
        migrations.RunPython(refuse_the_same, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="membership",
            name="number",
            field=models.CharField(max_length=20, verbose_name="membership number"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("number"),
                name="one_number_whatever_its_case",
                violation_error_message=(
                    "There is a membership with this number already. Capitals and small letters "
                    "are the same."
                ),
            ),
        ),
    ]
