"""A copy of SQLite's database, made while others write to it.

SQLite's own backup copies page by page and begins again where somebody wrote meanwhile, so the
copy is the database of one moment (https://www.sqlite.org/backup.html). It is checked, and on the
disk, before it gets its name: a file of that name is a whole backup.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path


class CannotBackUp(Exception):
    """There is nothing to copy, or nowhere to put it. Carries the sentence."""


def back_up(database: Path, file: Path) -> int:
    """Copy the database into a new file that only its owner can read; returns its size in bytes.

    Raises CannotBackUp. Nothing is left behind then, and a file that was there stays as it was.
    """
    if not database.exists():
        raise CannotBackUp(
            f"There is no database at {database}. Check that PORTAL_DATA names the right folder."
        )
    if file.exists():
        raise CannotBackUp(f"{file} already exists. Give the name of a new file.")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as folder:
            made = Path(folder) / file.name
            _copy(database, made)
            made.chmod(0o600)
            _to_disk(made)
            file.hardlink_to(made)  # fails where somebody made one of that name meanwhile
        _to_disk(file.parent)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CannotBackUp(f"{file} cannot be written: {why}.") from error
    return file.stat().st_size


def _copy(database: Path, made: Path) -> None:
    """All pages in one step: nobody can write in between and make it begin again for ever."""
    with (
        closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(made)) as target,
    ):
        source.execute("PRAGMA busy_timeout = 20000")
        if not source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise CannotBackUp(
                f"{database} is empty. Check that PORTAL_DATA names the right folder."
            )
        source.backup(target)
        # One file, whatever it was copied from; the portal sets its own mode when it opens it.
        target.execute("PRAGMA journal_mode = DELETE")
        found = target.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged ({found})")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
