"""Organisations that differ in accents, full stops or “Ltd” only are one.

Of several the oldest stays; whoever worked at the others works there. It takes their type where it
has none.
"""

from collections import defaultdict

from django.db import migrations, models

from portal.core.text.comparing import as_organisation


def work_out(apps, schema_editor):
    organisation = apps.get_model("organisations", "Organisation")
    affiliation = apps.get_model("organisations", "Affiliation")
    alike = defaultdict(list)
    for row in organisation.objects.order_by("pk").iterator():
        alike[as_organisation(row.name)].append(row)
    changed = []
    for form, (kept, *others) in alike.items():
        for other in others:
            affiliation.objects.filter(organisation=other).update(organisation=kept)
            kept.type_id = kept.type_id or other.type_id
            other.delete()
        kept.compared_name = form
        changed.append(kept)
    organisation.objects.bulk_update(changed, ["compared_name", "type"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_initial")]

    operations = [
        migrations.RemoveField("organisation", "match_name"),
        migrations.AddField(
            "organisation", "compared_name", models.TextField(default="", editable=False)
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop),
    ]
