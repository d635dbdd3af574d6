"""Money moves by acts: allocations are signed and tie any credit to any debit; credit notes.

Payments get their account in the next step, and have to have it in the third.
"""

import django.db.models.deletion
import django.utils.timezone
import portal.core.money
from django.db import migrations, models

from portal.core.rows.triggers import pause_issued, refuse_updates, resume_issued


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0008_no_payer_besides_the_account'),
        ('core', '0009_one_spelling_of_addresses'),
    ]

    operations = [
        pause_issued('billing_payment'),
        pause_issued('billing_allocation'),
        migrations.CreateModel(
            name='CreditNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payer_name', models.CharField(max_length=250)),
                ('attention', models.CharField(blank=True, default='', max_length=250, verbose_name='for the attention of')),
                ('payer_address', models.TextField(blank=True)),
                ('supplier', models.JSONField(help_text='Name, address, numbers, bank: as issued.')),
                ('issued_at', models.DateTimeField()),
                ('issued_on', models.DateField()),
                ('tax_point', models.DateField()),
                ('net', portal.core.money.MoneyField(verbose_name='total before VAT')),
                ('vat', portal.core.money.MoneyField(verbose_name='VAT')),
                ('sequence', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=20, unique=True)),
                ('reason', models.CharField(max_length=250)),
                ('by_rate', models.JSONField(help_text='For each rate: code, basis points, reason, net and VAT in pence.')),
            ],
            options={
                'ordering': ['-issued_on', '-sequence'],
            },
        ),
        migrations.CreateModel(
            name='CreditNoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('description', models.CharField(max_length=250)),
                ('detail', models.CharField(blank=True, max_length=250)),
                ('quantity', models.PositiveIntegerField()),
                ('net', portal.core.money.MoneyField()),
                ('tax_code', models.CharField(choices=[('S', 'Standard rate'), ('AA', 'Reduced rate'), ('Z', 'Zero rate'), ('E', 'Exempt'), ('O', 'Outside the scope of VAT')], max_length=2)),
                ('tax_basis_points', models.PositiveSmallIntegerField()),
                ('tax_reason', models.CharField(blank=True, max_length=160)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', portal.core.money.MoneyField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('recorded_by', models.CharField(max_length=250)),
                ('note', models.CharField(blank=True, max_length=250)),
                ('paid_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', portal.core.money.MoneyField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('recorded_by', models.CharField(max_length=250)),
                ('note', models.CharField(blank=True, max_length=250)),
                ('reversed_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='WriteOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', portal.core.money.MoneyField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('recorded_by', models.CharField(max_length=250)),
                ('note', models.CharField(blank=True, max_length=250)),
                ('written_off_on', models.DateField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='allocation',
            name='allocation_is_positive',
        ),
        migrations.AddField(
            model_name='allocation',
            name='takes_back',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taken_back', to='billing.allocation'),
        ),
        migrations.AddField(
            model_name='payment',
            name='account',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='billing.billingaccount'),
        ),
        migrations.AlterField(
            model_name='allocation',
            name='invoice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.invoice'),
        ),
        migrations.AlterField(
            model_name='allocation',
            name='payment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.payment'),
        ),
        migrations.AlterField(
            model_name='issueddocument',
            name='invoice',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='issued_document', to='billing.invoice'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.billingaccount'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='series',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoiceseries'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='credit_note',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.creditnote'),
        ),
        migrations.AddField(
            model_name='issueddocument',
            name='credit_note',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='issued_document', to='billing.creditnote'),
        ),
        migrations.AddConstraint(
            model_name='issueddocument',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credit_note__isnull', True), ('invoice__isnull', False)), models.Q(('credit_note__isnull', False), ('invoice__isnull', True)), _connector='OR'), name='document_of_one_paper'),
        ),
        migrations.AddField(
            model_name='creditnoteline',
            name='credit_note',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.creditnote'),
        ),
        migrations.AddField(
            model_name='creditnoteline',
            name='invoice_line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='billing.invoiceline'),
        ),
        migrations.AddField(
            model_name='refund',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='billing.billingaccount'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='refund',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.refund'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='billing.billingaccount'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='payment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='billing.payment'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='reversal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.reversal'),
        ),
        migrations.AddField(
            model_name='writeoff',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='billing.billingaccount'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='write_off',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='billing.writeoff'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credit_note__isnull', True), ('payment__isnull', False), ('write_off__isnull', True)), models.Q(('credit_note__isnull', False), ('payment__isnull', True), ('write_off__isnull', True)), models.Q(('credit_note__isnull', True), ('payment__isnull', True), ('write_off__isnull', False)), _connector='OR'), name='allocation_of_one_credit'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invoice__isnull', False), ('refund__isnull', True), ('reversal__isnull', True)), models.Q(('invoice__isnull', True), ('refund__isnull', False), ('reversal__isnull', True)), models.Q(('invoice__isnull', True), ('refund__isnull', True), ('reversal__isnull', False)), _connector='OR'), name='allocation_to_one_debit'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('takes_back', None)), models.Q(('amount__lt', 0), ('takes_back__isnull', False)), _connector='OR'), name='allocation_has_its_sign'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.UniqueConstraint(fields=('series', 'sequence'), name='one_credit_note_number_in_a_series'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(('net__gte', 0), ('vat__gte', 0)), name='credit_note_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteline',
            constraint=models.UniqueConstraint(fields=('credit_note', 'position'), name='one_credit_line_a_position'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteline',
            constraint=models.UniqueConstraint(fields=('credit_note', 'invoice_line'), name='one_credit_of_a_line_in_a_note'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteline',
            constraint=models.CheckConstraint(condition=models.Q(('net__gt', 0)), name='credit_line_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='reversal_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='writeoff',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='write_off_is_positive'),
        ),
        resume_issued('billing_payment'),
        resume_issued('billing_allocation'),
        refuse_updates('billing_creditnote'),
        refuse_updates('billing_creditnoteline'),
        refuse_updates('billing_refund'),
        refuse_updates('billing_reversal'),
        refuse_updates('billing_writeoff'),
    ]
