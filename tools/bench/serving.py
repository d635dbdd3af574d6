"""What serving takes: signing in, memory, the start, and a rush for the last places."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

from tools.bench.figures import Row, at_most, beside, not_measured
from tools.bench.processes import Site, cpu_seconds, megabytes, most_megabytes
from tools.bench.visitors import Visitor, rate
from tools.bench.world import COURSE, World, bare_cpu, sent, settle

SIGN_INS, ROUNDS = 30, 3
PASSWORD = "measured in silence"
BUYERS, LAST_PLACES = 64, 5
BOOKERS = 9  # an odd number, so that each of them asks for both pages
RUSH = "last-places"


def sign_in(world: World) -> Iterator[Row]:
    """By password, one after another for the processor time, all at once for the memory."""
    site = world.site
    emails = site.inside("accounts", str(SIGN_INS), PASSWORD)
    with site.served() as (pid, _):
        rate(f"{site.url}/bare/", seconds=1)
        Visitor(site.port).sign_in(emails[0], PASSWORD)
        bare, costs = [bare_cpu(site, pid)], []
        for number in range(ROUNDS):
            costs.append(_one_by_one(site, pid, emails[number::ROUNDS]))
            bare.append(bare_cpu(site, pid))
        visits: list[Callable[[], object]] = [_visit(site, email) for email in emails]
        peak = most_megabytes(pid, lambda: at_once(visits))
    ratio = beside(bare, costs)
    figure = f"{median(costs) * 1000:.0f} ms, {ratio:.0f} × bare"
    yield at_most(
        "sign-in by password, its page and form", ratio, 80, figure=figure, said="80 × bare"
    )
    what = f"  memory, the most during {len(emails)} sign-ins at once"
    yield at_most(what, peak, 250, figure=f"{peak:.0f} MB", said="250 MB")


def _one_by_one(site: Site, pid: int, emails: list[str]) -> float:
    """Seconds of processor time that a sign-in takes."""
    before = cpu_seconds(pid)
    for email in emails:
        Visitor(site.port).sign_in(email, PASSWORD)
    return (cpu_seconds(pid) - before) / len(emails)


def _visit(site: Site, email: str) -> Callable[[], object]:
    return lambda: Visitor(site.port).sign_in(email, PASSWORD)


def at_once(acts: list[Callable[[], object]]) -> float:
    """Do all of them at the same time, each in a thread of its own; seconds until all are done."""
    ready = threading.Barrier(len(acts) + 1)

    def do(act: Callable[[], object]) -> None:
        ready.wait()
        act()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = time.monotonic()
    for thread in threads:
        thread.join()
    return time.monotonic() - begun


def rush(world: World) -> Iterator[Row]:
    """All buyers at once for the last places, each in a browser of their own."""
    for database, site, why in world.on_both("rush"):
        what = f"{BUYERS} buyers at once for the last {LAST_PLACES} places, {database}"
        if site is None:
            yield not_measured(what, why)
            continue
        seconds, taken = _rushed(site)
        right = taken == {"registrations": LAST_PLACES, "invoices": LAST_PLACES}
        figure = f"{taken['registrations']} orders, {seconds:.2f} s"
        yield Row(what, figure, f"{LAST_PLACES} orders, invoices", right)


def _rushed(site: Site) -> tuple[float, dict[str, int]]:
    site.inside("event", RUSH, str(LAST_PLACES))
    sessions = site.inside("sessions", str(BUYERS))

    def buyer(session: str) -> Callable[[], object]:
        visitor = Visitor(site.port, session)

        def buy() -> None:
            if visitor.save_responses(RUSH).endswith("/basket/"):
                visitor.check_out()

        return buy

    with site.served("--with-worker"):
        seconds = at_once([buyer(session) for session in sessions])
    return seconds, site.inside("places_taken", RUSH)


def memory(world: World) -> Iterator[Row]:
    sizes = [_size(world.site, processes) for processes in (1, 2)]
    one, further = sizes[0], sizes[1] - sizes[0]
    what = "memory after 1,000 pages, bookings, mails: web and worker"
    yield at_most(what, one, 250, figure=f"{one:.0f} MB", said="250 MB")
    what = "  each further web process"
    yield at_most(what, further, 100, figure=f"{further:.0f} MB", said="100 MB")


def _size(site: Site, processes: int) -> float:
    """Megabytes, when each process has done all that it does: the worker has set PDFs too."""
    paths = ("/account/activity/", f"/training-and-events/{COURSE}/")
    site.inside("event", f"memory-{processes}", "")
    with site.served("--processes", str(processes)) as (pid, _):
        sessions = site.inside("sessions", str(BOOKERS * processes))
        visitors = [Visitor(site.port, session) for session in sessions]
        mails = len(sent(site))
        for visitor in visitors:
            visitor.book(f"memory-{processes}")
        settle(site, at_least=mails + len(visitors))
        for number in range(1000 * processes):
            visitors[number % len(visitors)].ask("GET", paths[number % 2])
        return megabytes(pid)


def start(world: World) -> Iterator[Row]:
    taken = []
    for _ in range(3):
        with world.site.served() as (_, seconds):
            taken.append(seconds)
    middle = median(taken)
    figure = f"{middle:.2f} s ({min(taken):.2f} to {max(taken):.2f})"
    yield at_most(
        "start of `portal serve` to its first page", middle, 2.5, figure=figure, said="2.5 s"
    )
