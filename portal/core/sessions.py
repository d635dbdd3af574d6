"""Sessions in the database, asked for only by keys that can be one.

A cookie can hold anything: PostgreSQL refuses a NUL, and that would be an error of ours.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Django makes keys of lower-case letters and digits (`VALID_KEY_CHARS`)."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]
