"""What the log says, without the keys that stand in addresses.

The link of an invitation or of a forgotten password is a key: who reads it in a log could use it.
A part of an address that is long enough to be one is shortened wherever it comes from.
"""

from __future__ import annotations

import logging
import re

_KEY = re.compile(r"(?<=/)([A-Za-z0-9_-]{4})[A-Za-z0-9_-]{30,}(?![A-Za-z0-9_-])")


class WithoutKeys(logging.Filter):
    """Shortens “/invitation/4fJk…/” in every message; nothing is held back."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        shortened = _KEY.sub(r"\1…", said)
        if shortened != said:
            record.msg, record.args = shortened, None
        return True
