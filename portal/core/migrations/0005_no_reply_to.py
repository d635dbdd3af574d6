
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_refuse_updates'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='outgoingmail',
            name='reply_to',
        ),
    ]
