"""Sessions in the database, asked for only by keys that can be one.

A cookie can hold anything: PostgreSQL refuses a NUL, and that would be an error of ours.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from portal.core.rows.prepared import PreparedRow

_BY_KEY = PreparedRow(
    Session, lambda key: Session.objects.filter(session_key=key), of=models.CharField()
)


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Django makes keys of lower-case letters and digits (`VALID_KEY_CHARS`)."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Session | None:
        """Every request asks this: its SQL is kept."""
        session = _BY_KEY.first(self.session_key)
        if session is not None and session.expire_date > timezone.now():
            return session
        self._session_key = None
        return None
