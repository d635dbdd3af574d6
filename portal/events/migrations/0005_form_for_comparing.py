"""What the list of events is searched in."""

from django.db import migrations, models

from portal.core.text.comparing import as_words


def work_out(apps, schema_editor):
    event = apps.get_model("events", "Event")
    changed = []
    for row in event.objects.only("title", "place", "overview").iterator():
        row.compared_words = as_words(f"{row.title} {row.place} {row.overview}")
        changed.append(row)
    event.objects.bulk_update(changed, ["compared_words"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("events", "0004_forget_days")]

    operations = [
        migrations.AddField("event", "compared_words", models.TextField(default="", editable=False)),
        migrations.RunPython(work_out, migrations.RunPython.noop),
    ]
