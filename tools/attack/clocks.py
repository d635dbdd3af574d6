"""A clock that is wrong does no harm that stays.

A day back: no invoice is dated earlier than one before it. A hundred days ahead: nothing is taken
for a hundred days old and wiped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

from tools.attack.frame import Attempt, CouldNotTry, judged, must
from tools.attack.sites import ROOT, Running
from tools.attack.visitors import Visitor
from tools.attack.world import World

DAY = 24 * 3600
CLOCK = str(ROOT / "tools" / "attack" / "clock")


def attack(world: World) -> Iterator[Attempt]:
    tag = world.database[:2].lower()
    course = world.site.inside("event", code=f"clock-{tag}")
    early, late = world.people_with_sessions(2, f"clock{tag}")
    world.web  # noqa: B018 - started here
    must(early.order(course), "nobody could order with the right clock")
    sign_up = {"first_name": "Not", "last_name": "Confirmed", "password1": "Quite-long-enough-77"}
    world.visitor().post("/create-an-account/", {"email": f"waits{tag}@example.org", **sign_up})
    world.stop_web()
    yield _back(world, late, course)
    yield _ahead(world, tag)


def wrong_clock(world: World, seconds: int) -> Running:
    return world.site.serve("--with-worker", PYTHONPATH=CLOCK, ATTACK_CLOCK=str(seconds))


def _back(world: World, buyer: Visitor, course: str) -> Attempt:
    before = world.site.inside("invoices")
    web = wrong_clock(world, -DAY)
    try:
        must(buyer.get("/").status == 200, "no page with a slow clock")
        ordered = buyer.order(course)
    finally:
        web.stop()
    after = world.site.inside("invoices")
    dates = [one["issued_on"] for one in after]
    numbers = [one["number"] for one in after]
    faults = backwards(dates)
    if len(set(numbers)) != len(numbers):
        faults.append("a number was given twice")
    must(ordered and len(after) > len(before), "a day back the order came to no invoice")
    return judged("no invoice is dated before an earlier one, a day back", faults, times=len(after))


def backwards(dates: list[str]) -> list[str]:
    """Where a date is earlier than the one before it."""
    return [f"{b} after {a}" for a, b in pairwise(dates) if b < a]


def _ahead(world: World, tag: str) -> Attempt:
    before = world.site.inside("kept")
    if not all(before[name] for name in ("baskets", "sessions", "invitations")):
        raise CouldNotTry(f"there is nothing that could be wiped: {before}")
    world.site.inside("queue", to=[f"ahead{tag}@example.org"])
    web = wrong_clock(world, 100 * DAY)
    try:
        must(
            world.box.next_to(f"ahead{tag}@example.org", 0, seconds=15),
            "the worker of the wrong clock did no work",
        )
        # Its other jobs are under way with that one: those that are due at a start.
        _settled(world)
    finally:
        web.stop()
    after = world.site.inside("kept")
    faults = [f"{before[n] - after[n]} {n} wiped" for n in before if after[n] < before[n]]
    return judged("nothing is wiped, a hundred days ahead", faults, times=sum(before.values()))


def _settled(world: World) -> None:
    last, still = world.site.inside("kept"), 0
    while still < 6:
        time.sleep(0.3)
        now = world.site.inside("kept")
        still = still + 1 if now == last else 0
        last = now
