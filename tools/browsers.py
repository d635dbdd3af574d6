"""Install Chromium for the tests, where there is none: Debian's own, else Playwright's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import chromium


def main() -> int:
    if found := chromium.find():
        print(f"Chromium is there: {found}")
        return 0
    for attempt in (_from_debian, _from_playwright):
        if attempt() and (found := chromium.find()):
            print(f"Chromium is installed: {found}")
            return 0
    print(
        "Chromium could not be installed. Install Chromium or Google Chrome with the machine's "
        "own means, or name one: CHROMIUM=/path/to/chromium make test",
        file=sys.stderr,
    )
    return 1


def _from_debian() -> bool:
    if not shutil.which("apt-get"):
        return False
    before = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if before and not shutil.which("sudo"):
        return False
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = [*before, "apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    if subprocess.run(install, env=env, check=False).returncode == 0:
        return True
    update = [*before, "apt-get", "update"]
    subprocess.run(update, env=env, check=False)
    return subprocess.run(install, env=env, check=False).returncode == 0


def _from_playwright() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
