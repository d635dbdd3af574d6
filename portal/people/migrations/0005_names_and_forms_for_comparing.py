"""Names of a hundred characters, people of one name, and what people are looked for by.

Forms for comparing are worked out by the code of today, as everything after this update asks for.
"""

from django.db import migrations, models

from portal.core.text.comparing import as_number, as_words


def work_out(apps, schema_editor):
    person = apps.get_model("people", "Person")
    changed = []
    for row in person.objects.only("first_name", "last_name").iterator():
        row.compared_name = as_words(f"{row.first_name} {row.last_name}")
        changed.append(row)
    person.objects.bulk_update(changed, ["compared_name"], batch_size=500)
    address = apps.get_model("people", "Address")
    changed = []
    for row in address.objects.only("postcode").iterator():
        row.compared_postcode = as_number(row.postcode)
        changed.append(row)
    address.objects.bulk_update(changed, ["compared_postcode"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("people", "0004_invitation_requests")]

    operations = [
        migrations.AlterField(
            "person",
            "first_name",
            models.CharField(
                blank=True, help_text="Empty: they have one name only.", max_length=100
            ),
        ),
        migrations.AlterField("person", "last_name", models.CharField(max_length=100)),
        migrations.AddField("person", "compared_name", models.TextField(default="", editable=False)),
        migrations.AddField(
            "address", "compared_postcode", models.TextField(default="", editable=False)
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop),
    ]
