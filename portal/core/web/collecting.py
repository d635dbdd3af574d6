"""Collecting the static files under the web that serves them, which never misses one.

They are made whole in a folder beside and moved into their place one by one, the manifest last: a
web that starts now has all that its pages name. What the last one named stays: pages that are open,
and a web that has not been started again, still ask for it. It is removed after KEEP_DAYS.
"""

from __future__ import annotations

import filecmp
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command

from portal.core.web.static import JoinedManifestStorage

KEEP_DAYS = 30
MANIFEST = "staticfiles.json"
STAMP = "collected.txt"
COMPRESSED = (".br", ".gz")


def collect() -> None:
    """Bring STATIC_ROOT up to the sources. Raises OSError where it cannot be written."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="static-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        command = Command()
        command.storage = JoinedManifestStorage(location=str(made), base_url=settings.STATIC_URL)
        call_command(command, verbosity=0, interactive=False)
        names = sorted(_files(made), key=lambda name: name == MANIFEST)
        for name in names:
            _put(made / name, root / name)


def remove_left(on: date) -> None:
    """Remove what no manifest has named for KEEP_DAYS; note what the one of now has left."""
    root = Path(settings.STATIC_ROOT)
    named = set(json.loads((root / MANIFEST).read_text())["paths"].values())
    before = _read_record()
    left: dict[str, str] = {}
    for name in _files(root):
        if name in {MANIFEST, STAMP} or _uncompressed(name) in named:
            continue
        since = before.get(name, on.isoformat())
        if on - date.fromisoformat(since) > timedelta(days=KEEP_DAYS):
            (root / name).unlink(missing_ok=True)
        else:
            left[name] = since
    if left != before:
        write_whole(_record(), json.dumps(left, indent=1, sort_keys=True))


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or as it was. Two at once need a lock around them."""
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(text)
    partial.replace(path)


def _put(made: Path, place: Path) -> None:
    if place.is_file() and filecmp.cmp(made, place, shallow=False):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)


def _files(folder: Path) -> Iterator[str]:
    for path, _, names in os.walk(folder):
        for name in names:
            yield (Path(path) / name).relative_to(folder).as_posix()


def _uncompressed(name: str) -> str:
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return name


def _record() -> Path:
    """Since when each file is named no more."""
    return Path(settings.DATA) / "static-left.json"


def _read_record() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(_record().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return kept
