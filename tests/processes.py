"""Real processes of the portal, on the database that the test uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection


def environment(**more: str) -> dict[str, str]:
    """What a process of the portal needs to work on this test's database and folder."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PORTAL_", "EMAIL_"))}
    cell: dict[str, Any] = connection.settings_dict
    if settings.SQLITE:
        url = f"sqlite:///{cell['NAME']}"
    else:
        url = f"postgres://{cell['USER']}@{cell['HOST']}:{cell['PORT']}/{cell['NAME']}"
        if cell["PASSWORD"]:
            url = url.replace("@", f":{cell['PASSWORD']}@", 1)
    return kept | {
        "PORTAL_DATA": str(settings.DATA),
        "PORTAL_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
        **more,
    }


@contextmanager
def portal(*words: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """`portal …` running; killed at the end if it is still there."""
    process = subprocess.Popen([sys.executable, "-m", "portal", *words], env=environment(**env))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
