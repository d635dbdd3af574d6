"""Invoices, payments, and what is on them: supplier, bank, VAT.

Issued rows are immutable. What is owed is lines less allocations and is never stored.
"""

from portal.billing.models.accounts import AccountContact, BillingAccount
from portal.billing.models.credit_notes import CreditNote, CreditNoteLine
from portal.billing.models.invoices import (
    Invoice,
    InvoiceLine,
    InvoicePurchaseOrder,
    InvoiceQuerySet,
    IssuedDocument,
)
from portal.billing.models.ledger import Allocation
from portal.billing.models.payments import Payment, Refund, Reversal, WriteOff
from portal.billing.models.settings import (
    InvoiceSeries,
    SupplierDetails,
    Tax,
    TaxCode,
    TaxRate,
)

__all__ = [
    "AccountContact",
    "Allocation",
    "BillingAccount",
    "CreditNote",
    "CreditNoteLine",
    "Invoice",
    "InvoiceLine",
    "InvoicePurchaseOrder",
    "InvoiceQuerySet",
    "InvoiceSeries",
    "IssuedDocument",
    "Payment",
    "Refund",
    "Reversal",
    "SupplierDetails",
    "Tax",
    "TaxCode",
    "TaxRate",
    "WriteOff",
]
