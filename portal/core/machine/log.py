"""What is logged and where, without the secret keys in addresses.

The link of an invitation or of a forgotten password is a key: who reads it in a log could use it.
A part of an address that is long enough to be one is shortened wherever it comes from.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from django.core.exceptions import PermissionDenied

_KEY = re.compile(r"(?<=/)([A-Za-z0-9_-]{4})[A-Za-z0-9_-]{30,}(?![A-Za-z0-9_-])")


class WithoutKeys(logging.Filter):
    """Shortens “/invitation/4fJk…/” in every message; nothing is held back."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        shortened = _KEY.sub(r"\1…", said)
        if shortened != said:
            record.msg, record.args = shortened, None
        return True


class Refusals(logging.Filter):
    """A page that somebody may not open is not a fault: a line, and no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "one_line_per_outage": {"()": "portal.core.machine.outages.OneLinePerOutage"},
        "refusals": {"()": "portal.core.machine.log.Refusals"},
        "without_keys": {"()": "portal.core.machine.log.WithoutKeys"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["one_line_per_outage", "refusals", "without_keys"],
        },
        "nothing": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "portal": {"level": "INFO"},
        # Says so at each try to reach the database again; what comes of it is told once.
        "psycopg": {"level": "CRITICAL"},
        # Scanners ask for hosts that are not ours: refused, and not worth a line each. Without any
        # handler Python would print it by itself.
        "django.security.DisallowedHost": {"handlers": ["nothing"], "propagate": False},
    },
}
