"""Every payment has its account."""

import django.db.models.deletion
from django.db import migrations, models

from portal.core.rows.triggers import pause_issued, resume_issued


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_payments_of_accounts")]

    operations = [
        pause_issued("billing_payment"),
        migrations.AlterField(
            model_name="payment",
            name="account",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="billing.billingaccount"),
        ),
        resume_issued("billing_payment"),
    ]
