
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_bounds'),
        ('people', '0002_refuse_updates'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['sequence'], name='invoice_sequence'),
        ),
    ]
