from typing import Any

from django.db import migrations

from portal.core.text.address_spellings import respell


def one_spelling(apps: Any, _: Any) -> None:
    respell(apps.get_model("people", "Person"))
    respell(apps.get_model("people", "Invitation"))


class Migration(migrations.Migration):
    dependencies = [("people", "0002_refuse_updates")]

    operations = [migrations.RunPython(one_spelling, migrations.RunPython.noop)]
