from django.db import migrations

from portal.core.rows.triggers import refuse_updates


class Migration(migrations.Migration):
    dependencies = [("core", "0003_actor_type")]

    operations = [refuse_updates("core_historyentry")]
