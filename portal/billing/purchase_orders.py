"""The purchase order number of an invoice (guide, section 5).

It is not part of the issued row. It is the invoice's own, if one was typed there or at checkout,
else the one of its account (a person's is in their details), and so shows at once wherever it was
typed. When the invoice is settled the number it then has is frozen; when money is taken back and it
is open again, so is the number.

What is typed means the same at checkout and on the invoice:
- left as it was shown, it changes nothing, whatever the account's says meanwhile;
- emptied, the invoice has none, and none of the account's comes onto it;
- the number of the account, typed again: the invoice follows the account;
- any other number is the invoice's own.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.models import BillingAccount, Invoice, InvoicePurchaseOrder
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one


class Settled(Exception):
    """Nothing is owed on the invoice, so its purchase order number stays as it is."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is owed on this invoice, so you cannot change its purchase order number."
        )


def number_of(invoice: Invoice) -> str:
    """The number that is on the invoice now; empty where there is none."""
    own: InvoicePurchaseOrder | None = getattr(invoice, "own_purchase_order", None)
    if own is not None:
        return own.number
    return invoice.account.purchase_order_default


def own_number(typed: str, *, default: str) -> str | None:
    """The invoice's own number by what was typed: empty for none, None to follow the account."""
    return None if typed and typed == default else typed


def change(
    invoice: Invoice, *, number: str, shown: str | None = None, actor: object, at: datetime
) -> None:
    """Give the invoice the number typed on its page, where `shown` stood before (None: the one it
    has now). Raises Settled."""
    with transaction.atomic():
        lock_one(BillingAccount.objects.filter(pk=invoice.account_id))
        locked = Invoice.objects.get(pk=invoice.pk)
        if locked.is_settled:
            raise Settled
        before = number_of(locked)
        if number == (before if shown is None else shown):
            return
        own = own_number(number, default=locked.account.purchase_order_default)
        rows = InvoicePurchaseOrder.objects
        if own is None:
            rows.filter(invoice=locked).delete()
        else:
            given = {"number": own, "changed_at": at, "follows_account": False}
            rows.update_or_create(invoice=locked, defaults=given)
        if number != before:
            told = {"before": before, "after": number}
            record("purchase order changed", locked, actor=actor, at=at, **told)


def freeze(invoice: Invoice, *, at: datetime) -> None:
    """Keep the number as it is now. Called in the act that settles it: its account is locked."""
    own, is_new = InvoicePurchaseOrder.objects.get_or_create(
        invoice=invoice,
        defaults={"number": number_of(invoice), "frozen_at": at, "follows_account": True},
    )
    if not is_new:
        own.frozen_at = at
        own.save(update_fields=["frozen_at"])


def thaw(invoice: Invoice) -> None:
    """The number may change again. Called in the act by which something is owed again."""
    frozen = InvoicePurchaseOrder.objects.filter(invoice=invoice).exclude(frozen_at=None)
    frozen.filter(follows_account=True).delete()
    frozen.update(frozen_at=None)
