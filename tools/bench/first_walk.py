"""The portal as it was at the end of the first walk, to be measured beside that of today.

Its code comes from the history of this repository, and gets an environment of its own by its own
requirements. Both are kept in var/bench/ between runs; take the folder away to have them anew.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.bench.processes import ROOT

COMMIT = "3f80bf7d89230bbac5c2ff89537db927971c5f4d"
"""“What is missing of a funded place is told with the other errors”, 25 November 2026."""


class NotHere(Exception):
    """The first walk cannot be had on this machine. Says why."""


def first_walk() -> Path:
    """A folder with its code and its environment (`.venv`). Raises NotHere."""
    folder = ROOT / "var" / "bench" / f"first-walk-{COMMIT[:8]}"
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        check_history()
        _unpack(folder)
        _equip(folder)
        ready.touch()
    return folder


def check_history(repository: Path = ROOT) -> None:
    """Raises NotHere unless the history goes back to the commit."""
    command = ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    try:
        done = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    except FileNotFoundError:
        raise NotHere("there is no git on this machine") from None
    if done.returncode:
        raise NotHere(f"the history here does not go back to {COMMIT[:8]}")


def _unpack(folder: Path) -> None:
    packed = folder / "code.zip"
    command = ["git", "archive", "--format=zip", f"--output={packed}", COMMIT]
    subprocess.run(command, cwd=ROOT, check=True)
    shutil.unpack_archive(packed, folder)
    packed.unlink()


def _equip(folder: Path) -> None:
    """Make its environment as it made it itself."""
    print("Getting what the first walk needs …", flush=True)
    done = subprocess.run(
        ["sh", "tools/environment.sh", "run"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotHere(f"its environment cannot be made: {done.stderr.strip()[-200:]}")
