"""Sending the outbox, with patience.

One process sends at a time (the lock dies with it). A message is sent, then marked: a kill
between the two repeats that one message under its old Message-ID; any other kill repeats none.

A message that is refused for now is tried again after one of WAITS, then given up. A server that
cannot be reached is no fault of the messages: they stay due, and the next run tries again.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from portal.core.background.registry import is_stopping
from portal.core.body import the_body
from portal.core.documents.rendering import content_of
from portal.core.locking import alone
from portal.core.mail.folder import FolderBackend
from portal.core.mail.words import FIELDS, NoWords, wipe, words_of
from portal.core.models import OutgoingMail

log = logging.getLogger("portal.mail")

WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
BATCH = 500


class Unreachable(Exception):
    """The mail server did not let us in."""


def send_due_mail() -> int:
    """Send every message that is due; returns how many went out.

    Who finds another at work leaves its messages to them. So whoever worked looks again after
    giving the lock back: something may have come between the last look and that.
    """
    sent = 0
    if _due().exists() and not goes_out():
        log.error("Mail waits: EMAIL_URL is not set (docs/deploying.md).")
        return 0
    while _due().exists() and not is_stopping():
        with alone("send_mail") as taken:
            if not taken:
                break
            try:
                sent += _send_batches()
            except Unreachable:
                break
    return sent


def transport() -> BaseEmailBackend:
    """SMTP; a folder with the demo institute, or on localhost without EMAIL_URL."""
    if settings.EMAIL_CONFIGURED and not the_body().is_demo:
        return get_connection()
    return FolderBackend()


def goes_out() -> bool:
    """Mail has somewhere to go. People wait for it where the portal is not on this machine only,
    so there it is kept until EMAIL_URL says how to send it."""
    return settings.EMAIL_CONFIGURED or settings.LOCAL or the_body().is_demo


def _due() -> QuerySet[OutgoingMail]:
    waiting = OutgoingMail.objects.filter(sent_at=None, given_up_at=None)
    return waiting.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")


def _send_batches() -> int:
    keeps_words = the_body().is_demo
    connection = transport()
    sent = 0
    try:
        while keys := list(_due().values_list("pk", flat=True)[:BATCH]):
            for key in keys:
                if is_stopping():
                    return sent
                mail = OutgoingMail.objects.filter(pk=key).first()
                if mail is not None:
                    sent += _send(mail, connection, keeps_words)
    finally:
        connection.close()
    return sent


def _send(mail: OutgoingMail, connection: BaseEmailBackend, keeps_words: bool) -> bool:
    _open(connection)
    mail.attempts += 1
    try:
        connection.send_messages([compose(mail)])
    except Exception as error:
        connection.close()
        _put_off(mail, error, timezone.now(), keeps_words)
        return False
    mail.sent_at = timezone.now()
    mail.last_error = ""
    _keep_or_wipe(mail, keeps_words)
    _mark(mail)
    return True


def _keep_or_wipe(mail: OutgoingMail, keeps_words: bool) -> None:
    if mail.is_secret and not keeps_words:
        wipe(mail)


def _mark(mail: OutgoingMail) -> None:
    """Note that it has gone. Not noted, it would go again, so a locked database is asked again."""
    for is_last in (False, False, True):
        try:
            mail.save(update_fields=["attempts", "sent_at", "last_error", *FIELDS])
        except OperationalError:
            if is_last:
                raise
        else:
            return


def _open(connection: BaseEmailBackend) -> None:
    """Connect where there is no connection yet. Raises Unreachable."""
    try:
        connection.open()
    except OSError as error:
        reason = f"{type(error).__name__}: {error}"[:2000]
        # Once told is enough: an hour without the server is not sixty times every row.
        _due().exclude(last_error=reason).update(last_error=reason)
        log.warning("The mail server cannot be reached, %s mails wait: %s", _due().count(), reason)
        raise Unreachable(reason) from error


def _put_off(mail: OutgoingMail, error: Exception, now: datetime, keeps_words: bool) -> None:
    name = "" if isinstance(error, NoWords) else f"{type(error).__name__}: "
    mail.last_error = f"{name}{error}"[:2000]
    if _is_final(error) or mail.attempts > len(WAITS):
        mail.given_up_at = now
        _keep_or_wipe(mail, keeps_words)
        log.error("Gave up on mail %s to %s: %s", mail.pk, mail.to, mail.last_error)
    else:
        mail.due_at = now + WAITS[mail.attempts - 1]
        log.warning("Mail %s is put off to %s: %s", mail.pk, mail.due_at, mail.last_error)
    mail.save(update_fields=["attempts", "last_error", "given_up_at", "due_at", *FIELDS])


def _is_final(error: Exception) -> bool:
    """This message will never go, whatever the time."""
    if isinstance(error, NoWords):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def compose(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The message of a row; the same row always gives the same Message-ID and date.

    Raises NoWords.
    """
    words = words_of(mail)
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=words.text,
        from_email=mail.sender,
        to=[mail.to],
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(mail.created_at),
            "Content-Language": "en-GB",
            "Auto-Submitted": "auto-generated",
        },
    )
    if words.html:
        message.attach_alternative(words.html, "text/html")
    for document in mail.documents.order_by("pk"):
        message.attach(document.filename, content_of(document), "application/pdf")
    if mail.calendar:
        message.attach("event.ics", mail.calendar, "text/calendar")
    return message
