"""The moment at which an invoice is issued, and so its date.

Rules (docs/decisions/0017-clocks.md):

- No invoice is issued before the one before it in its series, whatever the clock says: a clock that
  is behind gives it the moment of that one. Its tax point and what is in force go by its date.
- Where the one before it is more than FOLLOWED ahead, and the clock is believed, it was that one
  whose clock was wrong: the new one has its own day, and so do those after it.
- Both are decided with the series locked, for only then it is known which is the one before.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.utils import timezone

from portal.billing.models import CreditNote, Invoice, InvoiceSeries
from portal.billing.models.invoices import IssuedPaper
from portal.core.dates import on_day, short_date
from portal.core.machine import clock

log = logging.getLogger("portal.billing")

FOLLOWED = timedelta(days=7)
SERIES = "invoice"
CREDIT_SERIES = "credit"


def moment_in(series: InvoiceSeries, at: datetime) -> datetime:
    """When the next invoice of the series is issued. The series is locked."""
    before = newest_in(series.code)
    if before is None or before.issued_at <= at:
        return at
    moment = before.issued_at if _is_followed(before, at) else at
    if on_day(before.issued_at) != on_day(at):
        log.warning(
            "The clock says %s, but %s %s is dated %s. The next one will be dated %s.",
            *(short_date(on_day(at)), name_of(before), before.number),
            *(short_date(before.issued_on), short_date(on_day(moment))),
        )
    return moment


def out_of_order(on: date) -> str:
    """That the newest invoice has a day that is to come, and what follows; empty if it does not.

    `on` is the London date that the clock says.
    """
    newest = newest_in(SERIES)
    if newest is None or newest.issued_on <= on:
        return ""
    told = f"Invoice {newest.number} bears {short_date(newest.issued_on)}, "
    if _is_followed(newest, timezone.now()):
        return (
            f"The clock of this machine is behind. {told}and the clock says {short_date(on)}. "
            "Set the clock. Until then, no invoice gets an earlier date than the one before it."
        )
    return (
        f"{told}which is to come: the clock was ahead when it was raised. Tell its payer the day "
        "on which it is due. The next invoice bears its own day."
    )


def newest_in(code: str) -> IssuedPaper | None:
    """The newest document of a series: an invoice or a credit note."""
    model = CreditNote if code == CREDIT_SERIES else Invoice
    found: IssuedPaper | None = (
        model.objects.filter(series__code=code).order_by("-sequence").first()
    )
    return found


def name_of(paper: IssuedPaper) -> str:
    """“invoice”, “credit note”."""
    return str(paper._meta.verbose_name)


def _is_followed(before: IssuedPaper, at: datetime) -> bool:
    return before.issued_at - at <= FOLLOWED or clock.leap(at=at) != ""
