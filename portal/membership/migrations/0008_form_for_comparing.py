"""A membership number is one person's, whatever its capitals, spaces and dashes."""

from collections import defaultdict

from django.core.management.base import CommandError
from django.db import migrations, models

from portal.core.text.comparing import as_number


def work_out(apps, schema_editor):
    """Nobody but the office can tell whose number it is. Raises CommandError."""
    alike = defaultdict(list)
    for row in apps.get_model("membership", "Membership").objects.order_by("pk").iterator():
        row.compared_number = as_number(row.number)
        alike[row.compared_number].append(row)
    several = sorted(
        " and ".join(sorted(row.number for row in rows)) for rows in alike.values() if len(rows) > 1
    )
    if several:
        raise CommandError(
            "Membership numbers that differ only in capitals, spaces, accents or the kind of dash "
            f"are now the same, and several people have one: {'; '.join(several)}. Go back to the "
            "version that you had, give each person another number in the office under "
            "Memberships, and update again.",
            returncode=2,
        )
    rows = [row for (row,) in alike.values()]
    apps.get_model("membership", "Membership").objects.bulk_update(
        rows, ["compared_number"], batch_size=500
    )


def rename_keys(apps, schema_editor):
    """What was imported is known by its number as it is compared; of two the newer stays."""
    imported = apps.get_model("membership", "ImportedPerson")
    taken = set(imported.objects.values_list("key", flat=True))
    for row in imported.objects.order_by("-imported_at", "-pk").iterator():
        number = row.cells.get("membership_number", "")
        key = as_number(number) if number else row.key
        if key == row.key:
            continue
        if key in taken:
            row.delete()
            continue
        taken.add(key)
        imported.objects.filter(pk=row.pk).update(key=key)


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0007_terms_for_life"),
        ("people", "0006_look_up_by_them"),
    ]

    operations = [
        migrations.RemoveConstraint("membership", "one_number_whatever_its_case"),
        migrations.AddField(
            "membership", "compared_number", models.TextField(default="", editable=False)
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop),
        migrations.RunPython(rename_keys, migrations.RunPython.noop),
        migrations.AlterField(
            "usernamerequest", "first_name", models.CharField(blank=True, max_length=100)
        ),
        migrations.AlterField(
            "usernamerequest", "last_name", models.CharField(blank=True, max_length=100)
        ),
    ]
