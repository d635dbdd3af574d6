
import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0003_bounds'),
    ]

    operations = [
        migrations.AddField(
            model_name='bookingrules',
            name='forget_days',
            field=models.PositiveSmallIntegerField(default=14, help_text='What was saved and never ordered, special requirements among it, is kept for so many days after the places were held.', validators=[django.core.validators.MaxValueValidator(365, 'Keep it for at most a year: 365 days.')], verbose_name='days until what was not ordered is deleted'),
        ),
    ]
