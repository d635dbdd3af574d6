"""The secret key of an installation on one's own machine: made at the first start, and kept.

The settings read it, so nothing here needs Django to be ready. A command that only looks makes none
(portal/cli.py says so): it goes by a key that nobody keeps.
"""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

may_make = True


def kept_secret_key(path: Path) -> str:
    """The key in a file that only we can read; made where there is none.

    The file is there whole or not at all, so that two processes that start together have the same.
    """
    if not path.exists() and not may_make:
        return secrets.token_urlsafe(60)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}-") as made:
            made.write(secrets.token_urlsafe(60))
            made.flush()
            with suppress(FileExistsError):  # another process was first
                path.hardlink_to(made.name)
    return path.read_text()
