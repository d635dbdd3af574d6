"""What somebody typed on a page after the portal had signed them out.

Rules:
- It is kept only in a browser in which somebody was signed in (accounts/signed_in_last.py), and
  only for that account: when another signs in it is gone.
- It is kept in the session for an hour, for the page that it was sent to, until it is sent again
  or given up. The session of whoever does not sign in ends with the hour.
- A form that binds, as an order does, is not sent again from here: its own page is shown again,
  with what was typed filled in (lost_form_words.py).
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
    """Sent to `address` (its path is `path`) from the page `origin`, at `at` (ISO).

    `account` is the key of the account that it waits for.
    """

    account: str
    path: str
    address: str
    origin: str
    fields: Fields
    at: str


def keep(
    session: SessionBase,
    *,
    account: str,
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
    session[KEY] = asdict(Kept(account, path, address, origin, fields, at.isoformat()))
    session.set_expiry(at + VALID_FOR)
    return True


def kept_for(session: SessionBase, path: str, *, account: str, at: datetime) -> Kept | None:
    """What waits to be sent again to this path; it stays until `forget`.

    What is too old or another's is deleted, whatever path it is for.
    """
    found = session.get(KEY)
    if found is None:
        return None
    kept = Kept(**found)
    if kept.account != account or datetime.fromisoformat(kept.at) <= at - VALID_FOR:
        del session[KEY]
        return None
    return kept if kept.path == path else None


def drop_of_others(session: SessionBase, *, account: str) -> None:
    """Somebody has signed in: what waits for another is gone, and the session lasts as any."""
    if session.get(KEY, {}).get("account", account) != account:
        del session[KEY]
    session.set_expiry(None)


def forget(session: SessionBase, path: str) -> None:
    """It has been sent, or given up."""
    if session.get(KEY, {}).get("path") == path:
        del session[KEY]
