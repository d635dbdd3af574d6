"""A whole booking, from the event page to its mails, beside the bare view and the first walk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from tools.bench.figures import Row, at_most, beside, not_measured, spread
from tools.bench.first_walk import NotHere, first_walk
from tools.bench.processes import Site, cpu_seconds
from tools.bench.visitors import Visitor, rate
from tools.bench.world import COURSE, World, bare_cpu, sent, settle

ROUNDS = 5
A_ROUND = 10
REQUESTS = 7
BARE, FIRST_WALK = 80, 0.5


@dataclass
class Booked:
    """A portal that is served, who books there, and what it has taken so far (seconds)."""

    site: Site
    pid: int
    sessions: list[str]
    costs: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    requests: int = 0
    mails: int = 0

    def book(self, count: int) -> None:
        """So many bookings, with all that they lead to."""
        before, mails = cpu_seconds(self.pid), len(sent(self.site))
        for _ in range(count):
            visitor = Visitor(self.site.port, self.sessions.pop())
            visitor.book(COURSE)
            self.requests = max(self.requests, visitor.requests)
        settle(self.site, at_least=mails + count)
        self.costs.append((cpu_seconds(self.pid) - before) / count)
        self.mails = (len(sent(self.site)) - mails) // count

    def yardstick(self) -> None:
        self.bare.append(bare_cpu(self.site, self.pid))


def booking(world: World) -> Iterator[Row]:
    """Today's and the first walk's portal book in turn, round by round."""
    why = ""
    with ExitStack() as stack:
        today = _served(world.site, stack)
        places = [today]
        try:
            code = first_walk()
        except NotHere as reason:
            why = str(reason)
        else:
            then = world.calm("first-walk", code=code)
            then.inside("event", COURSE, "")
            places.append(_served(then, stack))
        _in_turn(places)
    yield from _told(today)
    yield _compared(today, places[1]) if places[1:] else _missed(why)


def _served(site: Site, stack: ExitStack) -> Booked:
    sessions = site.inside("sessions", str(1 + A_ROUND * (ROUNDS + 1)))[1:]
    pid, _ = stack.enter_context(site.served())
    rate(f"{site.url}/bare/", seconds=1)
    return Booked(site, pid, sessions)


def _in_turn(places: list[Booked]) -> None:
    """A round of bookings to warm up, then rounds with the bare view before, between and after."""
    for place in places:
        place.book(A_ROUND)
        place.costs.clear()
        place.yardstick()
    for _ in range(ROUNDS):
        for place in places:
            place.book(A_ROUND)
            place.yardstick()


def _told(today: Booked) -> Iterator[Row]:
    cost, ratio = median(today.costs), beside(today.bare, today.costs)
    figure = f"{cost * 1000:.0f} ms, {ratio:.0f} × bare"
    what = f"a whole booking, its {today.mails} mails and PDF, processor time"
    yield at_most(what, ratio, BARE, figure=figure, said=f"{BARE} × bare")
    apart = f"{median(today.bare) * 1000:.2f} ms ± {spread(today.bare) / 2:.0%}"
    yield Row("  a bare request, before, between and after", apart)
    asked = today.requests
    yield at_most("  its requests", asked, REQUESTS, figure=str(asked), said=str(REQUESTS))


def _compared(today: Booked, then: Booked) -> Row:
    """The first walk's bookings, in the same rounds."""
    pairs = zip(today.costs, then.costs, strict=True)
    ratio = median(now / before for now, before in pairs)
    figure = f"{ratio:.2f} × its {median(then.costs) * 1000:.0f} ms"
    return at_most(
        f"  beside the first walk's, {then.mails} mails",
        ratio,
        FIRST_WALK,
        figure=figure,
        said="half of it",
    )


def _missed(why: str) -> Row:
    return not_measured("  the first walk's booking", why)
