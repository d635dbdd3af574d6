"""Sessions in the database, asked for only by keys that can be one.

A cookie can hold anything: PostgreSQL refuses a NUL, and that would be an error of ours.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from portal.core.rows.prepared import Prepared

_BY_KEY = Prepared(lambda key: Session.objects.filter(session_key=key), key=models.CharField())


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        """Django makes keys of lower-case letters and digits (`VALID_KEY_CHARS`)."""
        key = session_key or ""
        super().__init__(key if key.isascii() and key.isalnum() else None)

    def load(self) -> dict[str, Any]:
        """Every request asks this. Django itself answers for a session that is none any more."""
        session = _BY_KEY.first(key=self.session_key) if self.session_key else None
        if session is None or session.expire_date <= timezone.now():
            return super().load()
        return self.decode(session.session_data)
