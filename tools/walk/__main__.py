"""docs/deploying.md, walked: every command of it, in order, in a bare Debian 12.

Prints each part of the document and what was found to hold after it; the exit status is 1 where
something did not, 2 where this machine cannot do it. What is walked is the code as committed.
Takes some minutes and at most ten, needs root and Debian's packages, and leaves nothing behind.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.walk import document
from tools.walk.checks import Checks, Wrong
from tools.walk.machine import CannotWalk, Failed, Machine, machine, move_apart, move_back
from tools.walk.mail import HOST, mail_server

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 600
# These take packages from where this machine has them; all else stays in its own network.
FETCHES = re.compile(r"^(apt-get|.*/pip) ", re.MULTILINE)
# Parts that tests of their own run, by their headings.
ELSEWHERE: dict[str, str] = {
    "Staff and accounts": "taken by tests/deploying/test_keys_and_staff.py",
}


def main() -> int:
    signal.signal(signal.SIGALRM, _too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.alarm(LONGEST)
    begun = time.monotonic()
    try:
        move_apart(["-m", "tools.walk"])
    except CannotWalk as reason:
        print(f"The walk cannot be taken here. {reason}")
        return 2
    try:
        walk()
    except CannotWalk as reason:
        print(f"The walk cannot be taken here. {reason}")
        return 2
    except (Wrong, Failed, OSError, subprocess.TimeoutExpired) as error:
        print(f"\nThe walk ended early. {error}")
        return 1
    finally:
        move_back()
    print(f"\nThe walk took {time.monotonic() - begun:.0f} s, and all is well.")
    return 0


def _too_long(*_: Any) -> None:
    raise TimeoutError(f"the walk takes more than {LONGEST} s")


def walk() -> None:
    with tempfile.TemporaryDirectory(prefix="portal-walk-mail-") as folder:
        print("A bare Debian 12 is made", flush=True)
        with (
            machine() as made,
            mail_server(Path(folder), user="portal", password="password") as mail,
        ):
            trust(made, (Path(folder) / f"{HOST}.crt").read_text())
            offer(made)
            take(made, Checks(made, mail))


def take(made: Machine, checks: Checks) -> None:
    """Every part of the document, and what is looked at after it."""
    after: dict[str, list[Callable[[], None]]] = {
        "Settings": [checks.settings],
        "Services": [checks.services, checks.drawing],
        "TLS": [checks.pages, checks.invitation, checks.outage, checks.no_key],
        "Looking after it": [checks.watching],
        "Backup": [checks.backup],
        "Restore": [checks.restored],
        "A new version": [checks.updated, checks.goes_on],
    }
    parts = document.shell()
    headings = list(dict.fromkeys(block.heading for block in parts))
    if unknown := [name for name in after if name not in headings]:
        raise Wrong(f"The document has no commands under {', '.join(unknown)}")
    for heading in headings:
        if heading in ELSEWHERE:
            print(f"   {heading}: {ELSEWHERE[heading]}")
            continue
        if heading == "A new version":
            with step("There is a new version"):
                publish(made)
        if heading == "With SQLite":
            sqlite(made, checks)
            continue
        run(made, heading)
        if heading == "What it needs":
            made.run("update-ca-certificates")
        for check in after.get(heading, []):
            with step(f"  {check.__doc__}"):
                check()
        if heading == "A new version":
            run(made, heading)
            with step("  The same again changes nothing."):
                checks.goes_on()


def sqlite(made: Machine, checks: Checks) -> None:
    """The part about SQLite: its blocks are the start, the backup and the way back."""
    start, backup, restore = (b for b in document.shell() if b.heading == "With SQLite")
    with step("With SQLite"):
        made.run("systemctl stop postgresql")
        made.run(start.text)
        made.run(founding().text)
        checks.goes_on()
    with step("  A backup while it works, and every row comes back."):
        made.run(backup.text)
        before = checks.in_sqlite()
        made.run("portal staff add late@example.org --first-name Too --last-name Late")
        checks.mail.wait_for("late@example.org")
        made.run(restore.text)
        if checks.in_sqlite() != before:
            raise Wrong("the rows after the way back are not those of the backup")
        checks.goes_on()


def founding() -> document.Block:
    """The block that names the body."""
    return next(
        block for block in document.shell() if block.text.startswith("portal setup\nportal body")
    )


def run(made: Machine, heading: str) -> None:
    """The commands under a heading."""
    for block in document.shell():
        if block.heading != heading:
            continue
        with step(f"{heading} (line {block.line})"):
            made.run(block.text, fetches=bool(FETCHES.search(block.text)))


def trust(made: Machine, certificate: str) -> None:
    """The mail server's certificate is one that the machine trusts."""
    path = made.file("/usr/local/share/ca-certificates/mail.crt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(certificate)


def offer(made: Machine) -> None:
    """The code as committed, where the document clones it from."""
    clone = ["git", "clone", "--quiet", "--bare", "--no-hardlinks", str(ROOT)]
    subprocess.run([*clone, str(made.file("/opt/portal.git"))], check=True)
    made.file("/etc/gitconfig").write_text(
        '[url "file:///opt/portal.git"]\n    insteadOf = https://git.example.org/portal.git\n'
    )


def publish(made: Machine) -> None:
    """A next version, with another stylesheet."""
    made.run(
        "git clone --quiet /opt/portal.git /opt/next && cd /opt/next\n"
        "echo ':root { --next: 1; }' >> portal/static/css/tokens.css\n"
        "git -c user.name=Walk -c user.email=walk@example.org commit --quiet --all -m Next\n"
        "git push --quiet origin HEAD"
    )


@contextmanager
def step(what: str) -> Iterator[None]:
    begun = time.monotonic()
    print(what, flush=True)
    try:
        yield
    except (Wrong, Failed, OSError, subprocess.TimeoutExpired) as error:
        print(f"NOT WELL  {error}", flush=True)  # now: taking the machine away takes a while
        raise
    print(f"   {time.monotonic() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
