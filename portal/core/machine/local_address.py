"""The address of an installation on one's own machine: `portal serve` leaves it with its data.

So the other commands make links that lead to it, whatever port was chosen. The settings read it,
so nothing here needs Django to be ready.
"""

from __future__ import annotations

import re
from pathlib import Path

USUAL = "http://localhost:8000"
_OURS = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?")


def keep_address(folder: Path, address: str) -> None:
    """Leave the address for the other commands that work on this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "address").write_text(address)


def kept_address(folder: Path) -> str:
    """The address last served from this folder; the usual one where none was, or none of ours."""
    try:
        kept = (folder / "address").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return USUAL
    return kept if _OURS.fullmatch(kept) else USUAL
