"""The office changes a series of numbers.

Rules:
- The counter may be raised where the portal goes on from another system; numbers begin with 1.
- Once a number was given out the counter is the documents' alone: lower would give a number twice,
  higher would leave a gap (VAT Regulations 1995, regulation 14: a sequential number).
- The series is locked while it is changed, so that no document takes a number meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.billing.models import CreditNote, Invoice, InvoiceSeries
from portal.core.office.changing_rows import change_row
from portal.core.office.permitting import needs
from portal.core.rows.locking import lock_one


class CounterRefused(Exception):
    """The counter cannot be set so. Carries the sentence."""

    field = "next_number"


@needs("billing.change_invoiceseries")
@transaction.atomic
def change_series(
    series: InvoiceSeries, *, changes: Mapping[str, Any], actor: object, at: datetime
) -> InvoiceSeries:
    """Change the named fields: its prefix, its counter. Raises CounterRefused."""
    series = lock_one(InvoiceSeries.objects.filter(pk=series.pk))
    if "next_number" in changes:
        check_counter(changes["next_number"])
        if changes["next_number"] != series.next_number and has_begun(series):
            raise CounterRefused(
                f"A number of this series has been given out: the next stays {series.next_number}."
            )
    change_row(series, changes=changes, actor=actor, at=at)
    series.refresh_from_db()
    return series


def check_counter(number: int) -> None:
    """Raises CounterRefused."""
    if number < 1:
        raise CounterRefused("Numbers start at 1. Enter 1, or the number to continue from.")


def has_begun(series: InvoiceSeries) -> bool:
    """Whether a number of it was given out."""
    return any(paper.objects.filter(series=series).exists() for paper in (Invoice, CreditNote))
