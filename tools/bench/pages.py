"""Pages: their rate beside the bare view, their queries, and a long list beside a short one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from tools.bench.figures import Row, at_least, at_most, beside, spread
from tools.bench.processes import Site, cpu_seconds
from tools.bench.visitors import Visitor, rate
from tools.bench.world import COURSE, World

ROUNDS = 5
EVENTS = (20, 2_000)
A_ROUND = 100  # times that a list is asked for
QUERIES = 8


def event(world: World) -> Iterator[Row]:
    yield from _page(world.site, "event", f"/training-and-events/{COURSE}/", at_least_share=0.25)


def activity(world: World) -> Iterator[Row]:
    yield from _page(world.site, "activity", "/account/activity/", at_least_share=0.30)


def _page(site: Site, name: str, path: str, *, at_least_share: float) -> Iterator[Row]:
    """The bare view is measured before, between and after, so that noise counts for both."""
    queries = site.inside("queries", COURSE)[name]
    (session,) = site.inside("sessions", "1")
    bare, page = [], []
    with site.served() as (pid, _):
        for address in ("/bare/", path):
            rate(f"{site.url}{address}", session=session, seconds=1)
        for _ in range(ROUNDS):
            bare.append(_asked(site, pid, "/bare/", session))
            page.append(_asked(site, pid, path, session))
        bare.append(_asked(site, pid, "/bare/", session))
    share = beside([pace for pace, _ in bare], [pace for pace, _ in page])
    pace = median(pace for pace, _ in page)
    figure = f"{pace:,.0f}/s, {share:.1%} of bare"
    said = f"{at_least_share:.0%}"
    yield at_least(f"{name} page, signed in", share, at_least_share, figure=figure, said=said)
    yield from _about(bare, page)
    yield at_most("  its queries", queries, QUERIES, figure=str(queries), said=str(QUERIES))


def _about(bare: list[tuple[float, float]], page: list[tuple[float, float]]) -> Iterator[Row]:
    """How sure the figure is, and the same by processor time, which others on the machine leave
    alone."""
    paces = [pace for pace, _ in bare]
    apart = f"{median(paces):,.0f}/s ± {spread(paces) / 2:.0%}"
    yield Row("  the bare view, before, between and after", apart)
    costs = beside([cost for _, cost in bare], [cost for _, cost in page])
    middle = median(cost for _, cost in page)
    yield Row("  by processor time", f"{middle * 1000:.2f} ms, {1 / costs:.1%} of bare")


def _asked(site: Site, pid: int, path: str, session: str) -> tuple[float, float]:
    """Requests in a second, and seconds of processor time for one."""
    before = cpu_seconds(pid)
    pace, count = rate(f"{site.url}{path}", session=session)
    return pace, (cpu_seconds(pid) - before) / count


def event_list(world: World) -> Iterator[Row]:
    """Two portals side by side, whose list is asked for in turn."""
    with ExitStack() as stack:
        lists = []
        for count in EVENTS:
            site = world.calm(f"list-{count}")
            upcoming = site.inside("upcoming", str(count))
            if upcoming != count:
                raise RuntimeError(f"{upcoming} events are listed, not {count}")
            (session,) = site.inside("sessions", "1")
            pid, _ = stack.enter_context(site.served())
            lists.append((pid, Visitor(site.port, session)))
        for pid, visitor in lists:
            _listed(pid, visitor)
        rounds = [[_listed(pid, visitor) for pid, visitor in lists] for _ in range(ROUNDS)]
    ratio = median(long / short for short, long in rounds)
    took = median(long for _, long in rounds)
    figure = f"{took * 1000:.1f} ms, {ratio:.2f} × a list of {EVENTS[0]}"
    what = f"list of {EVENTS[1]:,} events, signed in, processor time"
    yield at_most(what, ratio, 1.5, figure=figure, said=f"1.5 × that of {EVENTS[0]}")


def _listed(pid: int, visitor: Visitor) -> float:
    before = cpu_seconds(pid)
    for _ in range(A_ROUND):
        visitor.ask("GET", "/training-and-events/")
    return (cpu_seconds(pid) - before) / A_ROUND
