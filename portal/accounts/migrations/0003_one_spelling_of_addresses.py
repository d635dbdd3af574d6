from typing import Any

from django.db import migrations

from portal.accounts.account_spellings import respell_accounts


def one_spelling(apps: Any, _: Any) -> None:
    respell_accounts(
        apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_roles_and_session_stamp"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(one_spelling, migrations.RunPython.noop)]
