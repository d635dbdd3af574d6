"""`kill -9` at random moments: no order is lost, no number is left out, no mail is missing.

Buyers order one after another while the web, the worker, and what started both are killed.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from tests.processes import children, is_gone
from tools.attack.frame import Attempt, judged, must, until
from tools.attack.sites import Running
from tools.attack.visitors import Visitor
from tools.attack.world import World


def attack(world: World) -> Iterator[Attempt]:
    dice, tag = world.dice("kills"), world.database[:2].lower()
    kills, buyers = world.pick(3, 20), world.pick(24, 80)
    course = world.site.inside("event", code=f"killed-{tag}")
    visitors = world.people_with_sessions(buyers, f"killed{tag}")
    world.web  # noqa: B018 - started here
    killed: list[str] = []
    orders = _Orders(visitors, course)
    orders.start()
    for number in range(kills):
        time.sleep(dice.uniform(0.2, 0.9))
        web = world.web  # who looks after the machine has it started again where it has ended
        killed.append(kill_one(web, dice.choice(("web", "worker", "all")) if number else "web"))
        if killed[-1] == "all":
            must(until(lambda w=web: all(map(is_gone, [w.pid])), seconds=5), "it lives on")
            web.kill()
    orders.finish(world, seconds=world.pick(12, 60))
    must(len(orders.confirmed) > buyers / 2, f"only {len(orders.confirmed)} orders came through")
    yield _lost(world, course, orders.confirmed, killed)
    yield _numbers(world)
    yield _mails(world, course, tag)
    world.stop_web()  # what was killed last may only now be ending


def kill_one(web: Running, what: str) -> str:
    """Kill a web process, the worker, or what started both and all of it; what was killed."""
    found = children(web.pid)
    workers = [pid for pid, words in found.items() if " worker " in words]
    webs = [pid for pid in found if pid not in workers]
    chosen = {"web": webs, "worker": workers, "all": [web.pid]}[what]
    for pid in chosen:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return what


class _Orders:
    """Two at a time order for one visitor after another; who gets no answer tries again."""

    def __init__(self, visitors: list[Visitor], course: str) -> None:
        self.waiting, self.course = list(visitors), course
        self.confirmed: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._order, daemon=True) for _ in range(2)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def _order(self) -> None:
        while not self.over.is_set():
            try:
                visitor = self.waiting.pop()
            except IndexError:
                return
            visitor.timeout = 5
            # What was saved before the kill is in the basket: then only the rest is done again.
            order = visitor.order(self.course) or visitor.check_out()
            if order:
                self.confirmed.append(order)
                continue
            self.waiting.insert(0, visitor)
            time.sleep(0.05)

    def finish(self, world: World, *, seconds: float) -> None:
        # Whatever was killed last is there again, and again if it ends only now.
        until(
            lambda: world.web and not any(thread.is_alive() for thread in self.threads),
            seconds=seconds,
            pause=0.2,
        )
        self.over.set()
        for thread in self.threads:
            thread.join(10)


def _lost(world: World, course: str, confirmed: list[str], killed: list[str]) -> Attempt:
    """Who has seen the confirmation has the order, with its invoice."""
    taken = world.site.inside("bookings", event=course)
    there = set(taken["orders"])
    faults = [f"{path} is lost" for path in confirmed if path.split("/")[2] not in there]
    if len(taken["invoices"]) != len(there) or taken["registrations"] != len(there):
        faults.append(f"{len(there)} orders, {len(taken['invoices'])} invoices")
    said = f"{len(killed)} kills while {len(confirmed)} orders were placed: none is lost"
    return judged(said, faults, times=len(killed) + len(confirmed))


def gaps(numbers: list[str]) -> list[str]:
    """What is wrong with a series: left out, or given twice."""
    given = sorted(int("".join(c for c in number if c.isdigit())) for number in numbers)
    faults = [f"{n} was given twice" for n in set(given) if given.count(n) > 1]
    missing = set(range(given[0], given[-1] + 1)) - set(given) if given else set()
    return faults + [f"{n} was left out" for n in sorted(missing)]


def _numbers(world: World) -> Attempt:
    numbers = [one["number"] for one in world.site.inside("invoices")]
    return judged("invoice numbers have no gap", gaps(numbers), times=len(numbers))


def _mails(world: World, course: str, tag: str) -> Attempt:
    """Each order's invoice has been mailed, and by one Message-ID."""
    orders = world.site.inside("bookings", event=course)["invoices"]
    where = {"to__startswith": f"killed{tag}", "sent_at": None}

    def waiting() -> int:
        found: int = world.site.inside("count", model="core.OutgoingMail", where=where)
        return found

    left = waiting()
    if left:
        until(lambda: world.web and not waiting(), seconds=world.pick(15, 60), pause=0.2)
        left = waiting()
    came = {mail.message_id for mail in world.box.mails() if mail.to.startswith(f"killed{tag}")}
    told = world.site.inside(
        "values",
        model="core.OutgoingMail",
        field="message_id",
        where={"to__startswith": f"killed{tag}"},
    )
    faults = [f"{left} mails still wait"] if left else []
    faults += [f"{one} never came" for one in told if one not in came]
    return judged("every mail of those orders has come", faults, times=len(orders))
