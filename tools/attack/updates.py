"""An update does not break pages: `portal setup` with other static files, under a running web.

Pages are asked for all the while, and so is the stylesheet of a page that somebody has open.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator

from tools.attack.frame import Attempt, judged, must
from tools.attack.sites import ROOT
from tools.attack.visitors import Visitor
from tools.attack.world import World

PAGES = ("/", "/sign-in/", "/training-and-events/", "/help/")
PARTS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def attack(world: World) -> Iterator[Attempt]:
    visitor = world.visitor()
    first = visitor.get("/")
    must(first.status == 200, f"no front page before the update ({first.status})")
    parts = must(sorted(set(PARTS.findall(first.page))), "the front page has no static files")
    change(world, 1)
    pages: Counter[int] = Counter()
    files: Counter[int] = Counter()
    over = threading.Event()
    asking = [
        threading.Thread(target=_ask, args=(world, PAGES, pages, over), daemon=True),
        threading.Thread(target=_ask, args=(world, parts, files, over), daemon=True),
    ]
    for thread in asking:
        thread.start()
    done = world.site.run("setup", "--quiet")
    over.set()
    for thread in asking:
        thread.join(20)
    must(done.returncode == 0, f"portal setup failed: {done.stderr[-200:]}")
    yield _judged("pages while static files are updated", pages)
    yield _judged("the files of a page that was open before", files)
    yield from _after(world, parts)


def change(world: World, number: int) -> None:
    """Another stylesheet and another script, as a newer version has them."""
    ours = ROOT / "portal" / "static"
    theirs = world.site.data / "changed-static"
    for path in [*ours.glob("css/app.css"), *ours.glob("css/components/*.css"), *ours.glob("js/*")]:
        copied = theirs / path.relative_to(ours)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(path.read_text() + f"\n/* version {number} */\n")


def _ask(
    world: World, paths: tuple[str, ...] | list[str], counted: Counter[int], over: threading.Event
) -> None:
    visitor = Visitor(world.site)
    while not over.is_set():
        for path in paths:
            counted[visitor.get(path).status] += 1
            time.sleep(0.005)


def _judged(tried: str, counted: Counter[int]) -> Attempt:
    faults = [f"{n} answers of {status}" for status, n in counted.items() if status != 200]
    return judged(tried, faults, times=counted.total())


def _after(world: World, parts: list[str]) -> Iterator[Attempt]:
    """Before the restart, and after it: pages and what they are made of, old ones and new."""
    for when in ("before the restart", "after the restart"):
        visitor = world.visitor()
        page = visitor.get("/")
        wanted = {*PARTS.findall(page.page), *parts}
        faults = [f"/ → {page.status}"] if page.status != 200 else []
        for path in sorted(wanted):
            if (status := visitor.get(path).status) != 200:
                faults.append(f"{path} → {status}")
        yield judged(f"pages and files of both versions, {when}", faults, times=1 + len(wanted))
        if when == "before the restart":
            world.stop_web()
