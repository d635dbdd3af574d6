"""The machine has a bad day: the database goes away, the disk is full, a process is ended at once.

Serving and working go on by themselves afterwards, say so in a line or two, and tell people in a
sentence meanwhile. Nothing holds the port for longer than it takes to end.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from tests.processes import children, is_free, is_gone, worker_of
from tools.attack.frame import Attempt, CouldNotTry, NotHere, judged, must, until
from tools.attack.sites import answers, free_port, seconds_until, status_of
from tools.attack.visitors import Answer, Visitor
from tools.attack.world import ALICE, World

LOG_BOUND = 200_000
STOPS_WITHIN = 6.0
# Root writes wherever it likes; the portal as an ordinary user does not (PR_CAPBSET_DROP).
LIKE_A_USER = [
    *(sys.executable, "-c"),
    "import ctypes, os, sys; libc = ctypes.CDLL(None);"
    "[libc.prctl(24, cap, 0, 0, 0) for cap in (1, 2)]; os.execv(sys.argv[1], sys.argv[1:])",
]


def attack(world: World) -> Iterator[Attempt]:
    if world.server is not None:
        yield from _without_database(world)
    yield from _told(world)
    yield from _stopped(world)
    world.stop_web()
    yield from _cannot_write(world)


# --- PostgreSQL goes away ------------------------------------------------------------------------
def _without_database(world: World) -> Iterator[Attempt]:
    """Stopped for a while, then restarted some times: serving and working live through it."""
    server, site = world.server, world.site
    assert server is not None
    web = world.web
    worker = must(until(lambda: worker_of(web), seconds=15), "there is no worker")
    alone = site.start("worker")
    must(_sends(world, "before@example.org"), "no mail goes out before the outage")
    away = world.pick(3, 50)
    server.stop()
    began, faults = time.monotonic(), []
    while time.monotonic() - began < away:
        faults += _meanwhile(world)
        time.sleep(0.5)
    server.start()
    yield judged(f"{away} s without PostgreSQL: pages say so in a sentence", faults, times=away * 2)
    for number in range(world.pick(1, 4)):
        back = seconds_until(lambda: status_of(site.port, "/sign-in/") == 200, seconds=15)
        sent = _sends(world, f"after{number}@example.org", seconds=world.pick(12, 40))
        faults = [] if back is not None else ["pages do not come back"]
        faults += [] if sent else ["no mail goes out"]
        faults += [] if worker_of(web) == worker else ["the worker beside the web is another"]
        faults += [] if alone.is_up() else ["`portal worker` has ended"]
        yield judged("afterwards all goes on, in the same processes", faults, times=4)
        if number + 1 < world.pick(1, 4):
            server.stop()
            server.start()
    sizes = {"serve": len(web.said), "worker": len(alone.said)}
    faults = [f"{name}: {size:,} characters" for name, size in sizes.items() if size > LOG_BOUND]
    faults += [
        f"{name}: {said.count('Traceback')} tracebacks, such as: {_last_line(said)}"
        for name, said in (("serve", web.said), ("worker", alone.said))
        if "Traceback" in said
    ]
    if not re.search("database|PostgreSQL", web.said + alone.said):
        faults.append("no line says that the database was away")
    alone.stop(seconds=10)
    world.stop_web()
    yield judged("what is logged of it is a line or two", faults, times=2)


def _sends(world: World, to: str, *, seconds: float = 10) -> bool:
    before = len(world.box.mails(to))
    until(lambda: _queued(world, to), seconds=5)
    return world.box.next_to(to, before, seconds=seconds) is not None


def _queued(world: World, to: str) -> bool:
    try:
        return bool(world.site.inside("queue", to=[to]))
    except CouldNotTry:  # it is not back yet
        return False


def _meanwhile(world: World) -> list[str]:
    faults = []
    begun = time.monotonic()
    for path in ("/", "/readyz", "/sign-in/"):
        answer = Visitor(world.site, timeout=12).get(path)
        if answer.status not in {200, 503}:
            faults.append(
                f"{path} → {answer.status} {answer.page[:60] if not answer.status else ''}"
            )
        if "Traceback" in answer.page:
            faults.append(f"{path} shows a traceback")
    if Visitor(world.site).get("/healthz").status != 200:
        faults.append("/healthz does not answer")
    if time.monotonic() - begun > 30:
        faults.append(f"four pages took {time.monotonic() - begun:.0f} s")
    return faults


# --- What waits is told ---------------------------------------------------------------------------
def _told(world: World) -> Iterator[Attempt]:
    """The oldest mail that waits, where whoever looks after the machine looks."""
    world.web  # noqa: B018 - started here
    world.box.shut()
    try:
        before = world.visitor().get("/readyz").page
        must(before, "/readyz says nothing at all")
        world.site.inside("old_mail", hours=5)
        time.sleep(0.3)
        ready = world.visitor().get("/readyz").page
        check = world.site.run("setup", "--check").stdout
    finally:
        world.box.open()
        world.site.inside("drop_mail", to="waits@example.org")
    both = {"/readyz": ready, "portal setup --check": check}
    faults = [f"{where} says {s.strip()[:120]!r}" for where, s in both.items() if not names_mail(s)]
    yield judged("a mail that has waited for five hours is told", faults, times=2)


def names_mail(said: str) -> bool:
    """It speaks of mail, and of how long or how much."""
    return bool(re.search("mail", said, re.IGNORECASE) and re.search(r"\d", said))


# --- Ending ---------------------------------------------------------------------------------------
def _stopped(world: World) -> Iterator[Attempt]:
    dice, faults, times = world.dice("outages", "stop"), [], world.pick(2, 12)
    longest = 0.0
    for number in range(times):
        port = free_port()
        started = world.site.start("serve", "--with-worker", "--port", str(port))
        wait = dice.uniform(0.0, 1.6) if number else 0.4
        time.sleep(wait)
        begun = time.monotonic()
        started.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            started.process.wait(STOPS_WITHIN)
        until(lambda p=port: is_free(p), seconds=max(0.1, STOPS_WITHIN - time.monotonic() + begun))
        taken = time.monotonic() - begun
        longest = max(longest, taken)
        if started.is_up() or not is_free(port):
            faults.append(f"SIGTERM {wait:.2f} s after the start: not over after {taken:.1f} s")
        elif "Traceback" in started.said:
            faults.append(f"SIGTERM {wait:.2f} s after the start: a traceback")
        started.stop(seconds=1)
    yield judged("SIGTERM just after the start ends it at once", faults, times=times)
    yield _orphans(world)


def _orphans(world: World) -> Attempt:
    """The parent is killed while a child restarts: nothing of it holds the port."""
    dice, faults, times = world.dice("outages", "orphans"), [], world.pick(2, 8)
    for _ in range(times):
        port = free_port()
        started = world.site.serve("--with-worker", port=port)
        webs = [pid for pid, words in children(started.pid).items() if " worker " not in words]
        for pid in webs:
            os.kill(pid, signal.SIGKILL)
        # When the next one is being started.
        until(lambda s=started, w=webs: set(children(s.pid)) - set(w), seconds=3, pause=0.01)
        time.sleep(dice.uniform(0.0, 0.6))
        left = children(started.pid)
        os.kill(started.pid, signal.SIGKILL)
        free = seconds_until(lambda p=port: is_free(p), seconds=STOPS_WITHIN)
        gone = until(lambda w=left: all(map(is_gone, w)), seconds=STOPS_WITHIN)
        if free is None:
            faults.append(f"the port is held for over {STOPS_WITHIN:.0f} s")
        elif not gone:
            faults.append("processes are left")
        started.kill()
    return judged("the parent killed while its child restarts: all ends", faults, times=times)


# --- Nowhere to write ----------------------------------------------------------------------------
def _cannot_write(world: World) -> Iterator[Attempt]:
    data = world.site.data
    if world.server is not None:
        world.site.inside("read_only", on=True)
        try:
            yield _sentences(world, "a read-only PostgreSQL")
        finally:
            world.site.inside("read_only", on=False)
    modes = {path: path.stat().st_mode for path in [data, *data.iterdir()]}
    try:
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield _sentences(world, "a read-only data folder", wrapper=LIKE_A_USER)
    finally:
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)
    try:
        yield _sentences(world, "a full disk", wrapper=full_disk(world))
    finally:
        shutil.rmtree(world.folder / "small", ignore_errors=True)


def full_disk(world: World) -> Sequence[str]:
    """A wrapper in which DATA is a copy on a disk with no room, seen by what it starts alone.

    Raises NotHere where the machine lets nobody mount.
    """
    share = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "-r"]
    small = world.folder / "small"
    small.mkdir(exist_ok=True)
    words = (
        'small=$1; data=$2; shift 2; cp -a "$data" "$small.copy" 2>/dev/null;'
        'size=$(du -sk --apparent-size "$data" | cut -f1);'
        'mount -t tmpfs -o size=$((size * 2 + 2000))k none "$small" && cp -a "$data/." "$small/"'
        ' && rm -rf "$small.copy" && mount --bind "$small" "$data"'
        ' && (dd if=/dev/zero of="$data/filler" bs=4k 2>/dev/null; exec "$@")'
    )
    wrapper = [*share, "sh", "-c", words, "sh", str(small), str(world.site.data)]
    try:
        done = subprocess.run([*wrapper, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotHere("a full disk: there is no `unshare` (util-linux)") from error
    if done.returncode:
        raise NotHere(f"a full disk: nobody may mount here ({done.stderr.strip()[-80:]})")
    return wrapper


def _last_line(said: str) -> str:
    """What the first traceback in a log ends with."""
    lines = said[said.index("Traceback") :].splitlines()[1:]
    return next((line for line in lines if line and not line.startswith(" ")), "")[:200]


def _sentences(world: World, what: str, wrapper: Sequence[str] = ()) -> Attempt:
    """Commands and pages where nothing can be written: a sentence each, or their usual answer."""
    faults: list[str] = []
    commands = (
        ("staff", "add", "new@example.org", "--first-name", "New", "--last-name", "Person"),
        ("setup",),
        ("setup", "--check"),
        ("invite",),
    )[: world.pick(2, 4)]
    for words in commands:
        done = world.site.run(*words, wrapper=wrapper)
        if "Traceback" in done.stderr + done.stdout:
            last = done.stderr.strip().splitlines()[-1:]
            faults.append(f"portal {words[0]}: a traceback, {' '.join(last)[:120]}")
    times = len(commands)
    port = free_port()
    web = world.site.start("serve", "--port", str(port), wrapper=wrapper)
    until(lambda: answers(port) or not web.is_up(), seconds=20)
    if web.is_up():
        found, asked = _pages(world, port)
        faults += found
        times += asked
    said = web.said
    web.stop(seconds=5)
    if "Traceback" in said:
        faults.append(f"portal serve: {said.count('Traceback')} tracebacks in its log")
    elif len(said) > LOG_BOUND:
        faults.append(f"portal serve: {len(said):,} characters in its log")
    elif not said.strip():
        faults.append("portal serve says nothing")
    return judged(f"{what} is told in a sentence", faults, times=times + 1)


def _pages(world: World, port: int) -> tuple[list[str], int]:
    visitor = Visitor(world.site, port=port)
    tried: list[tuple[str, Answer]] = [
        (path, visitor.get(path)) for path in ("/", "/sign-in/", "/readyz", "/training-and-events/")
    ]
    tried.append(("POST /sign-in/", visitor.enter_password(ALICE)))
    tried.append(("POST /sign-in/code/", visitor.ask_for_code(ALICE)))
    tried.append(("POST /forgotten/", visitor.post("/forgotten/", {"email": ALICE})))
    faults = [
        f"{what} → {answer.status}"
        for what, answer in tried
        if answer.status in {0, 429} or (answer.status >= 500 and answer.status != 503)
    ]
    return faults, len(tried)
