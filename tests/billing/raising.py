"""Invoices and payments for tests, made by the acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.billing.accounts import account_of
from portal.billing.invoicing import LineToBill, raise_invoice
from portal.billing.models import Invoice, Payment, TaxCode
from portal.billing.payments import receive
from portal.core.dates import on_day
from portal.core.money import Money
from portal.organisations.models import Organisation
from portal.people.models import Person


def line(
    pounds: str = "100",
    *,
    description: str = "Debt relief orders",
    detail: str = "",
    code: str = TaxCode.STANDARD,
    quantity: int = 1,
    beneficiary: Person | None = None,
) -> LineToBill:
    """One thing to bill, at the standard rate unless told otherwise."""
    return LineToBill(description, detail, Money.from_pounds(pounds), code, beneficiary, quantity)


def raised(
    payer: Person | Organisation,
    *lines: LineToBill,
    purchase_order: str | None = None,
    at: datetime | None = None,
) -> Invoice:
    """An invoice of £100 and 20% VAT, unless told otherwise."""
    with transaction.atomic():
        return raise_invoice(
            account=account_of(payer, at=at or timezone.now()),
            lines=lines or [line()],
            purchase_order=purchase_order,
            actor=payer,
            at=at or timezone.now(),
        )


def pay(
    invoice: Invoice, pounds: str | None = None, *, at: datetime | None = None, **more: Any
) -> Payment:
    """All that is owed, unless an amount is given; received on the day it is recorded."""
    at = at or timezone.now()
    return receive(
        invoices=[invoice],
        amount=Money.from_pounds(pounds) if pounds else invoice.balance,
        received_on=on_day(at),
        actor="the office",
        at=at,
        **more,
    )
