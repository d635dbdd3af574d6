"""Forgetting what mail said, some time after it has gone.

Rule (UK GDPR, Article 5(1)(e)): the words of a message and its calendar file are kept for a number
of days after it was sent or given up, which staff set (Body), so that it can be sent again. That it
was sent, when, to whom and about what stays, and so do the documents that went with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from portal.core.mail.words import FIELDS
from portal.core.models import Body, OutgoingMail

WORDS = (*FIELDS, "calendar")


def forget_words(*, at: datetime) -> int:
    """Empty the words of messages that went too long ago; returns how many. None without a body."""
    body = Body.objects.first()
    if body is None:
        return 0
    too_old = at - timedelta(days=body.forget_mail_days)
    gone = OutgoingMail.objects.filter(Q(sent_at__lt=too_old) | Q(given_up_at__lt=too_old))
    with_words = gone.exclude(**dict.fromkeys(WORDS, ""))
    return with_words.update(**dict.fromkeys(WORDS, ""))
