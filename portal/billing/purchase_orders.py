"""The purchase order number of an invoice (guide, section 5).

It is not part of the issued row. It is the invoice's own, if one was typed there or at checkout,
else the one of its account (a person's is in their details), and so shows at once wherever it was
typed. When the invoice is settled the number it then has is frozen.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.models import BillingAccount, Invoice, InvoicePurchaseOrder
from portal.core.history import record
from portal.core.locking import lock_one


class Settled(Exception):
    """The invoice is paid, so its purchase order number stays as it is."""

    def __init__(self) -> None:
        super().__init__("This invoice is paid, so its purchase order number can’t be changed.")


def number_of(invoice: Invoice) -> str:
    """The number that stands on the invoice now; empty where there is none."""
    own: InvoicePurchaseOrder | None = getattr(invoice, "own_purchase_order", None)
    if own is not None:
        return own.number
    return invoice.account.purchase_order_default


def change(invoice: Invoice, *, number: str, actor: object, at: datetime) -> None:
    """Give the invoice its own number; an empty one, or the account's, leaves it to the account's.

    Raises Settled.
    """
    with transaction.atomic():
        lock_one(BillingAccount.objects.filter(pk=invoice.account_id))
        locked = Invoice.objects.get(pk=invoice.pk)
        if locked.is_settled:
            raise Settled
        before = number_of(locked)
        default = locked.account.purchase_order_default
        after = number or default
        if after == default:
            InvoicePurchaseOrder.objects.filter(invoice=locked).delete()
        else:
            InvoicePurchaseOrder.objects.update_or_create(
                invoice=locked, defaults={"number": after, "changed_at": at}
            )
        if after != before:
            record("purchase order changed", locked, actor=actor, at=at, before=before, after=after)


def freeze(invoice: Invoice, *, at: datetime) -> None:
    """Keep the number as it is now. Called in the act that settles it: its account is locked."""
    InvoicePurchaseOrder.objects.update_or_create(
        invoice=invoice, defaults={"number": number_of(invoice), "frozen_at": at}
    )
