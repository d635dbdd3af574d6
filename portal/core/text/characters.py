"""Characters that nobody sees: copied along from web pages and documents, never meant; and the
one way in which letters with marks are kept: composed (NFC).

Joiners stay (U+200C, U+200D): names in some scripts and many signs are written with them.
"""

from __future__ import annotations

import re
import unicodedata

from django.http import QueryDict  # noqa: TID251 - what a form is sent as

MARKS = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
CONTROLS = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_MARKS = re.compile(f"[{MARKS}]")
_HIDDEN = re.compile(f"[{CONTROLS}{MARKS}]")


def without_marks(text: str) -> str:
    """The text without soft hyphens, spaces of no width and marks of direction."""
    return _MARKS.sub("", text)


def composed(text: str) -> str:
    """The text in NFC: é is one letter, however it was typed."""
    return unicodedata.normalize("NFC", text)


def tidied(text: str) -> str:
    """What was typed: composed, without these and without control characters other than tab, line
    end and NUL."""
    return composed(_HIDDEN.sub("", text))


def tidied_form(data: QueryDict) -> QueryDict:
    """A form as it was sent, tidied. Passwords stay as they are, and NUL, which is refused."""
    tidy = data.copy()
    for name, values in data.lists():
        if "password" not in name:
            tidy.setlist(name, [tidied(value) for value in values])
    return tidy
