"""Sending the outbox, with patience.

One process sends at a time (the lock dies with it). A message is sent, then marked: a kill
between the two repeats that one message under its old Message-ID; any other kill repeats none.

Which message goes next is asked again before each: the most urgent, then the one that has waited
longest. So a code waits for the one message in hand, however many invitations are due
(docs/decisions/0002-one-sender-at-a-time.md has the figures). Nothing waits for ever: urgent is
what somebody has just asked for at a page, and the limits on asking keep that rare.

A message that is refused for now is tried again after one of WAITS, then given up. A server that
cannot be reached is not the fault of the messages: they stay due, and the next run tries again.
Nor is one that hangs up between two messages: it is reached again at once. One that hangs up on a
new connection may do so because of the message, which is then put off as if refused; if it hangs
up on the next one too, it is the server, and the run ends.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.core.background.registry import is_stopping
from portal.core.body.details import the_body
from portal.core.documents.rendering import content_of
from portal.core.mail.folder import FolderBackend
from portal.core.mail.message import PortalMessage
from portal.core.mail.smtp import Dropped, SmtpBackend
from portal.core.mail.words import FIELDS, NoWords, wipe, words_of
from portal.core.models import OutgoingMail
from portal.core.rows.locking import alone

log = logging.getLogger("portal.mail")

WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]


class Unreachable(Exception):
    """The mail server did not let us in."""


def send_due_mail() -> int:
    """Send every message that is due; returns how many went out.

    Who finds another at work leaves its messages to them. So whoever worked looks again after
    giving the lock back: something may have come between the last look and that.
    """
    sent = 0
    if _due().exists() and not goes_out():
        log.error("No mail is being sent, because EMAIL_URL is not set (docs/deploying.md).")
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
        return SmtpBackend()
    return FolderBackend()


def goes_out() -> bool:
    """Mail has somewhere to go. People wait for it where the portal is not on this machine only,
    so there it is kept until EMAIL_URL says how to send it."""
    return settings.EMAIL_CONFIGURED or settings.LOCAL or the_body().is_demo


def _due() -> QuerySet[OutgoingMail]:
    """What is to go now, in its order; the index mail_due is in the same.

    Due later than the longest wait from now is only what was queued while the clock was ahead.
    """
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(sent_at=None, given_up_at=None)
    is_due = Q(due_at__lte=now) | Q(due_at__gt=now + WAITS[-1])
    return waiting.filter(is_due).order_by("priority", "due_at", "pk")


def _send_batches() -> int:
    """Send what is due, the next one chosen again each time. Raises Unreachable."""
    keeps_words = the_body().is_demo
    connection = transport()
    sent = 0
    dropped_one = False
    try:
        while not is_stopping() and (mail := _due().first()):
            try:
                sent += _send(mail, connection, keeps_words)
            except Dropped as error:
                if dropped_one:
                    raise _unreachable(error) from error
                _put_off(mail, error, timezone.now(), keeps_words)
                dropped_one = True
            else:
                dropped_one = False
    finally:
        connection.close()
    return sent


def _send(mail: OutgoingMail, connection: BaseEmailBackend, keeps_words: bool) -> bool:
    """Whether it went; put off where it was refused. Raises Unreachable, Dropped."""
    _open(connection)
    mail.attempts += 1
    try:
        _hand_over(compose(mail), connection)
    except (Unreachable, Dropped):
        raise
    except Exception as error:
        connection.close()
        _put_off(mail, error, timezone.now(), keeps_words)
        return False
    mail.sent_at = timezone.now()
    mail.last_error = ""
    _keep_or_wipe(mail, keeps_words)
    _mark(mail)
    return True


def _hand_over(message: PortalMessage, connection: BaseEmailBackend) -> None:
    """Give the server the message, again where it hung up and has surely not taken it.

    Raises Dropped where it hung up on a connection that was made for this message.
    """
    try:
        connection.send_messages([message])
    except Dropped:
        connection.close()
        _open(connection)
        try:
            connection.send_messages([message])
        except Dropped:
            connection.close()
            raise


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
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> Unreachable:
    """Note what keeps all that is due from going."""
    reason = f"{type(error).__name__}: {error}"[:2000]
    # Once told is enough: an hour without the server is not sixty times every row.
    _due().exclude(last_error=reason).update(last_error=reason)
    log.warning(
        "The mail server cannot be reached. %s mails are waiting: %s", _due().count(), reason
    )
    return Unreachable(reason)


def _put_off(mail: OutgoingMail, error: Exception, now: datetime, keeps_words: bool) -> None:
    name = "" if isinstance(error, NoWords) else f"{type(error).__name__}: "
    mail.last_error = f"{name}{error}"[:2000]
    if _is_final(error) or mail.attempts > len(WAITS):
        mail.given_up_at = now
        _keep_or_wipe(mail, keeps_words)
        log.error("Gave up on mail %s to %s: %s", mail.pk, mail.to, mail.last_error)
    else:
        mail.due_at = now + WAITS[mail.attempts - 1]
        log.warning("Mail %s will be tried again at %s: %s", mail.pk, mail.due_at, mail.last_error)
    mail.save(update_fields=["attempts", "last_error", "given_up_at", "due_at", *FIELDS])


def _is_final(error: Exception) -> bool:
    """This message will never go, whatever the time."""
    if isinstance(error, NoWords):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def compose(mail: OutgoingMail) -> PortalMessage:
    """The message of a row; the same row always gives the same Message-ID and date.

    Raises NoWords.
    """
    words = words_of(mail)
    message = PortalMessage(
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
        message.attach("event.ics", mail.calendar, "text/calendar; method=PUBLISH")
    return message
