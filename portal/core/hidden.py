"""Characters that nobody sees: copied along from web pages and documents, never meant.

Joiners stay (U+200C, U+200D): names in some scripts and many signs are written with them.
"""

from __future__ import annotations

import re

MARKS = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
CONTROLS = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_MARKS = re.compile(f"[{MARKS}]")
_HIDDEN = re.compile(f"[{CONTROLS}{MARKS}]")


def without_marks(text: str) -> str:
    """The text without soft hyphens, spaces of no width and marks of direction."""
    return _MARKS.sub("", text)


def without_hidden(text: str) -> str:
    """The text without these and without control characters other than tab, line end and NUL."""
    return _HIDDEN.sub("", text)
