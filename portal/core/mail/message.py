"""The message that goes out: as Django writes it, its subject and sender folded once.

Django folds a subject without knowing that “Subject: ” stands before it, so that a long one is
folded again, after its name: some servers take that for an empty subject. So it is with the name
of whoever sends. An encoded word has at most 75 characters (RFC 2047, 2), and a line that begins
with a space one more.
"""

from __future__ import annotations

from email.header import Header
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMultiAlternatives

LONGEST_WORD = 75  # characters
PLAIN = 60  # characters of a word that needs no encoding to fit beside the header's name


class PortalMessage(EmailMultiAlternatives):
    def message(self, *given: Any, **named: Any) -> Any:
        message = super().message(*given, **named)
        message.replace_header("Subject", _header("Subject", str(self.subject)))
        name, address = parseaddr(self.from_email)
        if name and not _is_plain(name):
            sender = _header("From", name)
            sender.append(f"<{address}>", "us-ascii")
            message.replace_header("From", sender)
        message.policy = message.policy.clone(max_line_length=LONGEST_WORD + 1)
        return message


def _header(name: str, text: str) -> Header:
    return Header(text, "us-ascii" if _is_plain(text) else "utf-8", header_name=name)


def _is_plain(text: str) -> bool:
    return text.isascii() and all(len(word) <= PLAIN for word in text.split())
