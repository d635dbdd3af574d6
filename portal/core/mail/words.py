"""The words of a message, and how those of a secret one are kept.

A message that carries a code or a keyed link lets in whoever reads it. So its words never stand
readable in the outbox: they are sealed with the portal's secret key (core/machine/sealing.py), the
sender opens them, and they are wiped once it has gone.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from portal.core.machine.sealing import Unreadable, seal, unseal
from portal.core.models import OutgoingMail

PURPOSE = "mail"
# What `wipe` empties.
FIELDS = ("text", "html", "sealed")


class NoWords(Exception):
    """There is nothing to send. Carries the sentence."""


class Words(NamedTuple):
    """A message as text and as HTML."""

    text: str
    html: str


def sealed(words: Words) -> str:
    """The words as a secret message keeps them."""
    return seal(json.dumps(words._asdict()), purpose=PURPOSE)


def words_of(mail: OutgoingMail) -> Words:
    """What the message says. Raises NoWords where they were wiped or cannot be opened."""
    if not mail.sealed:
        if not mail.text:
            raise NoWords("The words of this email have been deleted. Send a new message.")
        return Words(mail.text, mail.html)
    try:
        return Words(**json.loads(unseal(mail.sealed, purpose=PURPOSE)))
    except Unreadable as error:
        raise NoWords(
            "The words of this email were sealed with a secret key that the portal no longer "
            "has. Send a new message."
        ) from error


def has_words(mail: OutgoingMail) -> bool:
    """Whether it could be sent again."""
    try:
        words_of(mail)
    except NoWords:
        return False
    return True


def wipe(mail: OutgoingMail) -> None:
    """Take the words away; the caller saves FIELDS."""
    mail.text = mail.html = mail.sealed = ""
