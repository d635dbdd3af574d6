"""Cancelling a registration.

Rules:

- It says when, by whom and why, and stays as a row; others can have its place from then on.
- Once its event has begun nobody's registration is cancelled: who did not come was absent.
- Whether the place is credited is decided by who cancels: the booking terms say when cancelling
  costs nothing. Credited is all that is left of its line on the invoice, by a credit note with the
  same reason, in the same transaction. A place that was free, or whose line has been credited, has
  nothing left.
- The invoice keeps its line and its number.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.allocating import lock_accounts, short_words
from portal.billing.crediting import LineCredit, issue_credit_note, left_of
from portal.billing.models import CreditNote
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.events.models import Event, Registration


class NotCancelled(Exception):
    """Carries the sentence that says why it cannot be."""


@needs("events.change_registration")
@transaction.atomic
def cancel_registration(
    registration: Registration,
    *,
    because: str,
    is_credited: bool,
    actor: object,
    at: datetime,
) -> CreditNote | None:
    """End a registration; the credit note, where one is issued.

    Raises NotCancelled, MoneyRefused where the reason is too long for a credit note, and what
    issuing one raises (billing/crediting.py).
    """
    because = short_words(because, "reason")
    if not because:
        raise NotCancelled("Say why it is cancelled.")
    event = lock_one(Event.objects.filter(pk=registration.event_id))
    found = Registration.objects.select_related("invoice_line__invoice", "attendee").get(
        pk=registration.pk
    )
    if found.cancelled_at is not None:
        raise NotCancelled("This registration has already been cancelled.")
    if event.starts <= at:
        raise NotCancelled("The event has begun, so its registrations can no longer be cancelled.")
    found.cancelled_at, found.cancelled_by, found.cancelled_because = at, str(actor)[:200], because
    found.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_because"])
    note = _credit(found, because, actor, at) if is_credited else None
    told = {"because": because, "credit_note": note.number if note else ""}
    record("registration cancelled", found, actor=actor, at=at, **told)
    return note


def _credit(
    registration: Registration, because: str, actor: object, at: datetime
) -> CreditNote | None:
    line = registration.invoice_line
    if line is None:
        return None
    lock_accounts([line.invoice.account_id])  # nobody credits it between reading and crediting
    left = {each.line.pk: each.net for each in left_of(line.invoice)}
    if not left[line.pk]:
        return None
    return issue_credit_note(
        line.invoice, lines=[LineCredit(line.position)], reason=because, actor=actor, at=at
    )
