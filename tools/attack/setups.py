"""Setting up: three at once, and what must not be served."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from tools.attack.frame import Attempt, judged, must, until
from tools.attack.sites import ROOT, Running, Site, new_site, portal_command, status_of
from tools.attack.world import World


def attack(world: World) -> Iterator[Attempt]:
    fresh = new_site(world.folder / "fresh", mail_port=world.box.port, **_database(world))
    try:
        yield _at_once(fresh)
        yield _demo_in_public(fresh)
    finally:
        fresh.close()


def _database(world: World) -> dict[str, str]:
    """An empty database of its own on the same server."""
    if world.server is None:
        return {}
    words = (
        "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    )
    made = subprocess.run(
        [sys.executable, "-c", words, world.server.url, "CREATE DATABASE fresh"],
        check=False,
        capture_output=True,
        text=True,
    )
    must(made.returncode == 0, f"no empty database: {made.stderr[-200:]}")
    return {"DATABASE_URL": world.server.url.rpartition("/")[0] + "/fresh"}


def _at_once(fresh: Site) -> Attempt:
    """Three of them on an empty database, as three machines start."""
    count = 3
    started = [
        subprocess.Popen(
            portal_command("setup", "--quiet"),
            env=fresh.env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for _ in range(count)
    ]
    faults = []
    try:
        for one in started:
            _, said = one.communicate(timeout=60)
            if one.returncode or "Traceback" in said:
                faults.append(f"exit status {one.returncode}: {said.strip()[-160:]}")
    finally:
        for one in started:
            one.kill()
    check = fresh.run("setup", "--quiet")
    if check.returncode:
        faults.append(f"and once more: {check.stderr.strip()[-160:]}")
    return judged(f"{count} of `portal setup` at once on an empty database", faults, times=count)


def _demo_in_public(fresh: Site) -> Attempt:
    """Everybody knows the demo people's password: their database is served on this machine only."""
    done = fresh.run(
        *("body", "Demo", "--short-name", "D", "--email", "o@example.org"),
        *("--phone", "0113 496 0677", "--address", "1 Row, Leeds"),
    )
    must(done.returncode == 0, f"no body to make a demo of: {done.stderr[-200:]}")
    fresh.inside("set_row", model="core.Body", key=1, is_demo=True)
    faults, times = [], 0
    for proxies in ("127.0.0.1", "1"):
        env = {
            "PORTAL_URL": "https://portal.example.org",
            "PORTAL_SECRET_KEY": "k" * 60,
            "PORTAL_TRUSTED_PROXIES": proxies,
        }
        started = fresh.start("serve", "--port", str(fresh.port), **env)
        over = _ended(started, fresh.port)
        said = started.said
        started.stop(seconds=3)
        if "PORTAL_TRUSTED_PROXIES" in said:
            continue  # the other way to write it
        times += 1
        if not over:
            faults.append("it serves")
        elif "demo" not in said.lower() or "Traceback" in said:
            faults.append(f"it ends without saying why: {said.strip()[-160:]}")
    return judged("a demo institute is not served at https", faults, times=times)


def _ended(started: Running, port: int) -> bool:
    """It has ended by itself, and not served."""
    until(lambda: not started.is_up() or status_of(port) not in {0, 503}, seconds=15)
    return not started.is_up()
