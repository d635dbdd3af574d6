"""Who is billed is an account. Invoices get theirs in the next step, the payer goes in the third."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

from portal.core.rows.triggers import pause_issued, resume_issued


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_invoice_sequence_index"),
        ("organisations", "0003_one_of_a_name"),
        ("people", "0006_look_up_by_them"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payment_days", models.PositiveSmallIntegerField(blank=True, help_text="Days from an invoice’s date until it is due. Empty: as in the supplier details.", null=True, validators=[django.core.validators.MaxValueValidator(365, "Give at most a year: 365 days.")])),
                ("address", models.TextField(blank=True, help_text="Of an organisation, one line of the address per line. A person’s is in their details.", verbose_name="address for invoices")),
                ("purchase_order_number", models.CharField(blank=True, help_text="Of an organisation: shown on every open invoice that has none of its own.", max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("organisation", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="billing_account", to="organisations.organisation")),
                ("person", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="billing_account", to="people.person")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(Q(("organisation__isnull", False), ("person", None)), Q(("organisation", None), ("person__isnull", False)), _connector="OR"), name="account_is_one_persons_or_organisations"),
                    models.CheckConstraint(condition=Q(("person", None), Q(("address", ""), ("purchase_order_number", "")), _connector="OR"), name="a_persons_details_are_in_people"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("verified_by", models.CharField(blank=True, max_length=250)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="billing.billingaccount")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person")),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("account", "person"), name="one_contact_a_person")],
            },
        ),
        pause_issued("billing_invoice"),
        migrations.AddField(
            model_name="invoice",
            name="attention",
            field=models.CharField(blank=True, default="", max_length=250, verbose_name="for the attention of"),
        ),
        migrations.AddField(
            model_name="invoice",
            name="account",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="billing.billingaccount"),
        ),
        resume_issued("billing_invoice"),
    ]
