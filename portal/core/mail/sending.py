"""Sending the outbox, with patience.

One process sends at a time (the lock dies with it). A message is sent, then marked: a kill
between the two repeats that one message under its old Message-ID; any other kill repeats none.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from portal.core.body import the_body
from portal.core.documents.rendering import content_of
from portal.core.locking import alone
from portal.core.mail.folder import FolderBackend
from portal.core.models import OutgoingMail

log = logging.getLogger("portal.mail")

WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]


def send_due_mail() -> int:
    """Send every message that is due; returns how many went out."""
    with alone("send_mail") as taken:
        if not taken:
            return 0
        due = OutgoingMail.objects.filter(
            sent_at=None, given_up_at=None, due_at__lte=timezone.now()
        ).order_by("due_at", "pk")
        keys = list(due.values_list("pk", flat=True)[:1000])
        if not keys:
            return 0
        keep_words = the_body().is_demo
        with transport() as connection:
            return sum(
                _send(OutgoingMail.objects.get(pk=pk), connection, keep_words) for pk in keys
            )


def transport() -> BaseEmailBackend:
    """Where mail goes: a folder with the demo institute or without EMAIL_URL, else SMTP."""
    from django.conf import settings

    if the_body().is_demo or not settings.EMAIL_CONFIGURED:
        return FolderBackend()
    return get_connection()


def _send(mail: OutgoingMail, connection: BaseEmailBackend, keep_words: bool) -> bool:
    mail.attempts += 1
    try:
        connection.send_messages([compose(mail)])
    except Exception as error:
        _put_off(mail, error, timezone.now())
        return False
    mail.sent_at = timezone.now()
    mail.last_error = ""
    if mail.is_secret and not keep_words:
        mail.text = mail.html = ""
    mail.save(update_fields=["attempts", "sent_at", "last_error", "text", "html"])
    return True


def _put_off(mail: OutgoingMail, error: Exception, now: datetime) -> None:
    mail.last_error = f"{type(error).__name__}: {error}"[:2000]
    if _is_final(error) or mail.attempts > len(WAITS):
        mail.given_up_at = now
        log.error("Gave up on mail %s to %s: %s", mail.pk, mail.to, mail.last_error)
    else:
        mail.due_at = now + WAITS[mail.attempts - 1]
        log.warning("Mail %s is put off to %s: %s", mail.pk, mail.due_at, mail.last_error)
    mail.save(update_fields=["attempts", "last_error", "given_up_at", "due_at"])


def _is_final(error: Exception) -> bool:
    """The other side will never take this message, whatever the time."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def compose(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The message of a row; the same row always gives the same Message-ID and date."""
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=mail.sender,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(mail.created_at),
            "Content-Language": "en-GB",
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for document in mail.documents.order_by("pk"):
        message.attach(document.filename, content_of(document), "application/pdf")
    if mail.calendar:
        message.attach("event.ics", mail.calendar, "text/calendar")
    return message
