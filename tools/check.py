"""All that can be told without running it: lint, types, floors, templates, migrations, deployment.

Every check runs, so that one run tells all there is to mend.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ["portal", "tests", "tools"]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
        local = {"PORTAL_DATA": folder}
        checks = {
            "lint": (["ruff", "check", *CODE], {}),
            "format": (["ruff", "format", "--check", *CODE], {}),
            "types": (["mypy"], local),
            "floors": (["lint-imports"], {}),
            "templates": (["djlint", "portal/templates", "--check"], {}),
            "template lint": (["djlint", "portal/templates", "--lint"], {}),
            "migrations": (["portal", "makemigrations", "--check", "--dry-run"], local),
            "deployment": (
                ["portal", "check", "--deploy", "--fail-level", "WARNING"],
                production(folder),
            ),
        }
        bad = [name for name, (words, env) in checks.items() if not passes(name, words, env)]
    if bad:
        print(f"\nTo mend: {', '.join(bad)}.")
    return 1 if bad else 0


def production(folder: str) -> dict[str, str]:
    """The environment of a real installation."""
    return {
        "PORTAL_URL": "https://portal.example.org",
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(60),
        "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
        "PORTAL_DATA": folder,
        "DATABASE_URL": "postgres://portal@127.0.0.1/portal",
        "EMAIL_URL": "smtp+tls://portal@mail.example.org:587",
    }


def passes(name: str, words: list[str], env: dict[str, str]) -> bool:
    begun = time.monotonic()
    kept = {n: v for n, v in os.environ.items() if not n.startswith("PORTAL_")}
    done = subprocess.run(
        [str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        env=kept | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    state = "ok" if done.returncode == 0 else "NOT WELL"
    print(f"{name:<15} {state:<9} {time.monotonic() - begun:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout.rstrip() + "\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
