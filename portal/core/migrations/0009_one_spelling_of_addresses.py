from typing import Any

from django.db import migrations

from portal.core.text.address_spellings import respell


def one_spelling(apps: Any, _: Any) -> None:
    respell(apps.get_model("core", "OutgoingMail"), "to")
    respell(apps.get_model("core", "BodyDetails"), "office_email")


class Migration(migrations.Migration):
    dependencies = [("core", "0008_seal_waiting_words")]

    operations = [migrations.RunPython(one_spelling, migrations.RunPython.noop)]
