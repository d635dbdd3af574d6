"""Each payment is on the account whose invoice it settled.

A step of its own: PostgreSQL alters no table in the transaction that has changed its rows.
"""

from django.db import migrations
from django.db.models import OuterRef, Subquery

from portal.core.rows.triggers import pause_issued, resume_issued


def find_accounts(apps, schema_editor):
    Payment = apps.get_model("billing", "Payment")
    Allocation = apps.get_model("billing", "Allocation")
    first = Allocation.objects.filter(payment=OuterRef("pk")).order_by("pk")
    theirs = Subquery(first.values("invoice__account")[:1])
    Payment.objects.filter(account=None).update(account=theirs)


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_money_moves")]

    operations = [
        pause_issued("billing_payment"),
        migrations.RunPython(find_accounts, migrations.RunPython.noop),
        resume_issued("billing_payment"),
    ]
