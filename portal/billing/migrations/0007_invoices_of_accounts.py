"""Each payer's account, and their invoices on it. What is on the documents stays as it is.

A step of its own: PostgreSQL alters no table in the transaction that has changed its rows.
"""

from django.db import migrations
from django.db.models import OuterRef, Subquery

from portal.core.rows.triggers import pause_issued, resume_issued


def open_accounts(apps, schema_editor):
    Invoice = apps.get_model("billing", "Invoice")
    BillingAccount = apps.get_model("billing", "BillingAccount")
    payers = Invoice.objects.filter(account=None).order_by("payer").values_list("payer", flat=True)
    has_one = set(BillingAccount.objects.exclude(person=None).values_list("person", flat=True))
    new = [payer for payer in payers.distinct() if payer not in has_one]
    BillingAccount.objects.bulk_create(
        [BillingAccount(person_id=payer) for payer in new], batch_size=500
    )
    theirs = BillingAccount.objects.filter(person=OuterRef("payer")).values("pk")
    Invoice.objects.filter(account=None).update(account=Subquery(theirs))


def name_payers(apps, schema_editor):
    """The way back, for invoices of persons."""
    Invoice = apps.get_model("billing", "Invoice")
    BillingAccount = apps.get_model("billing", "BillingAccount")
    theirs = BillingAccount.objects.filter(pk=OuterRef("account")).values("person")
    Invoice.objects.filter(account__person__isnull=False).update(payer=Subquery(theirs))


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_billing_accounts")]

    operations = [
        pause_issued("billing_invoice"),
        migrations.RunPython(open_accounts, name_payers),
        resume_issued("billing_invoice"),
    ]
