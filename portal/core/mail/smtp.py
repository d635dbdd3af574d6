"""The way to the mail server, which tells a message that the server has surely not taken from one
that it may have.

A server may hang up whenever it likes (RFC 5321, 3.8 and 4.2.3: 421): after each message, after so
many, or to be started again. As long as the end of a message has not been sent, the server has not
taken it, and sending it again cannot make two of it. Between the end and the answer nobody knows.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

CLOSING = 421


class Dropped(Exception):
    """The server hung up, or said that it is about to, before it had the whole message."""


class _Watched(smtplib.SMTP):
    """Knows whether the last that it sent was a message, to its end."""

    awaits_verdict = False

    def send(self, s: Any) -> None:
        """smtplib sends commands as text, and a message, its end included, as bytes."""
        self.awaits_verdict = False
        super().send(s)
        self.awaits_verdict = not isinstance(s, str)


class _WatchedOverTls(_Watched, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's, with a greeting that belongs to opening it, and with Dropped."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedOverTls if self.use_ssl else _Watched

    def open(self) -> bool | None:
        """Connect and greet: a server that does not greet is none that can be reached."""
        is_new = super().open()
        if is_new and self.connection is not None:
            try:
                self.connection.ehlo_or_helo_if_needed()
            except OSError:
                self.close()
                raise
        return is_new

    def close(self) -> None:
        """Take leave. A server that has gone already is not the fault of any message."""
        try:
            super().close()
        except OSError:
            self.connection = None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises Dropped, or what smtplib raises for a message that was refused."""
        try:
            return int(super().send_messages(email_messages))
        except OSError as error:
            if self._has_dropped(error):
                raise Dropped(f"{type(error).__name__}: {error}") from error
            raise

    def _has_dropped(self, error: OSError) -> bool:
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return any(code == CLOSING for code, _ in error.recipients.values())
        if isinstance(error, smtplib.SMTPResponseException):
            return error.smtp_code == CLOSING
        in_doubt = isinstance(self.connection, _Watched) and self.connection.awaits_verdict
        return isinstance(error, smtplib.SMTPServerDisconnected) and not in_doubt
