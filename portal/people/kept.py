"""What was typed on a page by somebody whom the portal had signed out meanwhile.

Rules:
- It is kept in the session for an hour, for the page that it was sent to, until it is sent again
  or given up. What nobody asked for again is gone with the session.
- Passwords are never kept, and nothing above 20 kB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

KEY = "kept"
VALID_FOR = timedelta(hours=1)
MOST = 20_000  # bytes

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """Sent to `address` (its path is `path`) from the page `origin`, at `at` (ISO)."""

    path: str
    address: str
    origin: str
    fields: Fields
    at: str


def keep(
    session: SessionBase,
    *,
    path: str,
    address: str,
    origin: str,
    typed: Iterable[tuple[str, list[str]]],
    at: datetime,
) -> bool:
    """Keep what was typed, instead of what was kept before. False where it is too much."""
    fields = [
        (name, value)
        for name, values in typed
        if name != "csrfmiddlewaretoken" and "password" not in name.lower()
        for value in values
    ]
    if sum(len(f"{name}{value}".encode()) for name, value in fields) > MOST:
        return False
    session[KEY] = asdict(Kept(path, address, origin, fields, at.isoformat()))
    return True


def kept_for(session: SessionBase, path: str, *, at: datetime) -> Kept | None:
    """What waits to be sent again to this path; it stays until `forget`."""
    found = session.get(KEY)
    if found is None or found["path"] != path:
        return None
    kept = Kept(**found)
    return kept if datetime.fromisoformat(kept.at) > at - VALID_FOR else None


def forget(session: SessionBase, path: str) -> None:
    """It has been sent, or given up."""
    if session.get(KEY, {}).get("path") == path:
        del session[KEY]
