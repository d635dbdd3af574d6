"""Sending a message again after it was sent or given up.

One that has gone gets a new Message-ID: a receiver that drops repeats would never show it. A
secret one that has gone has no words left to send, nor one that was sealed with another key, nor
one that went too long ago (forgetting.py).
Several at once go as bulk, behind what people wait for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.core.background.registry import nudge
from portal.core.mail.words import has_words
from portal.core.models import OutgoingMail, new_message_id
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock


@dataclass(frozen=True, slots=True)
class Resent:
    """How many are due again, and how many could not be for want of words."""

    again: int
    left_out: int


@needs("core.change_outgoingmail")
@transaction.atomic
def send_again(keys: Iterable[int], *, actor: object, at: datetime) -> Resent:
    """Make these messages due again; the history has each."""
    again = left_out = 0
    chosen = lock(OutgoingMail.objects.filter(pk__in=list(keys)))
    for mail in chosen:
        if not has_words(mail):
            left_out += 1
            continue
        if mail.sent_at is not None:
            record("mail sent again", mail, actor=actor, at=at, before=mail.message_id)
            mail.message_id = new_message_id()
        else:
            record("mail sent again", mail, actor=actor, at=at)
        mail.sent_at = mail.given_up_at = None
        mail.attempts, mail.last_error, mail.due_at = 0, "", at
        if len(chosen) > 1:
            mail.priority = OutgoingMail.Priority.BULK
        mail.save(
            update_fields=[
                "message_id",
                "sent_at",
                "given_up_at",
                "attempts",
                "last_error",
                "due_at",
                "priority",
            ]
        )
        again += 1
    if again:
        nudge("send_mail")
    return Resent(again, left_out)
