"""The templates as they were at the start: an update lays new ones beside the code that runs."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template import Engine
from django.template.loader import get_template

ENDINGS = {".html", ".txt"}


def read_templates() -> None:
    """Read every template of ours; Django keeps what it has read (not in DEBUG, on purpose).

    Read when it is first asked for, one of a newer version would name files and values that the
    code of this process does not know.
    """
    if settings.DEBUG:
        return
    for folder in map(Path, Engine.get_default().dirs):
        for path in sorted(folder.rglob("*")):
            if path.suffix in ENDINGS:
                get_template(path.relative_to(folder).as_posix())
