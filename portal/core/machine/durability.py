"""Whether committed data survives a power cut.

The portal tells people what it has committed: a number on an invoice, a receipt, a mail. With
SQLite the settings see to it (docs/decisions/0016-power-and-commits.md); with PostgreSQL it is a
matter of the server's own, and of what was set for its database or role.
"""

from __future__ import annotations

from django.db import connection

# By PostgreSQL's name of the setting: what its being off comes to.
NEEDED = {
    "fsync": "a power cut may leave a database that cannot be read",
    "full_page_writes": "a power cut may leave a database that cannot be read",
    "synchronous_commit": (
        "a power cut may lose what people were told, and give somebody else an invoice number "
        "that has already been mailed"
    ),
}


def unsafe() -> list[str]:
    """A sentence for each setting of PostgreSQL by which a power cut loses what was committed."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'",
            [list(NEEDED)],
        )
        off = {name for (name,) in cursor.fetchall()}
    return [
        f"PostgreSQL runs with {name} off, so {comes_to}. Set {name} to on."
        for name, comes_to in NEEDED.items()
        if name in off
    ]
