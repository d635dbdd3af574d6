from django.db import migrations

from portal.core.rows.triggers import refuse_updates


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [refuse_updates("people_consentevent")]
