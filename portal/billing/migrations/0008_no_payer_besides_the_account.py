"""Every invoice has its account; the payer beside it goes."""

import django.db.models.deletion
from django.db import migrations, models

from portal.core.rows.triggers import pause_issued, resume_issued


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_invoices_of_accounts")]

    operations = [
        pause_issued("billing_invoice"),
        migrations.AlterField(
            model_name="invoice",
            name="account",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="billing.billingaccount"),
        ),
        # Empty on the way back, until 0007 names the payers again.
        migrations.AlterField(
            model_name="invoice",
            name="payer",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="people.person"),
        ),
        migrations.RemoveField(model_name="invoice", name="payer"),
        resume_issued("billing_invoice"),
    ]
