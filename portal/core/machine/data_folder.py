"""Whether there is a portal in the folder that PORTAL_DATA names.

A folder whose name was mistyped is looked at and left as it was: only the commands that begin a
portal make anything in it.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def no_portal_yet() -> str:
    """The sentence where SQLite has no database yet, which a look would make; else ""."""
    name = settings.DATABASES["default"]["NAME"]
    if not settings.SQLITE or Path(name).exists():
        return ""
    return (
        f"There is no database at {name} yet. Run `portal setup`, or check that PORTAL_DATA "
        "names the right folder."
    )


def where() -> str:
    """The database, without the password of its server."""
    database = settings.DATABASES["default"]
    if settings.SQLITE:
        return str(database["NAME"])
    return f"{database['NAME']} at {database.get('HOST') or 'this machine'}"
