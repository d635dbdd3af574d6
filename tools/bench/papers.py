"""Documents of money: an invoice and a credit note as PDFs, and issuing a credit note."""

from __future__ import annotations

from collections.abc import Iterator

from tools.bench.figures import Row, at_most
from tools.bench.visitors import rate
from tools.bench.world import World, bare_cpu

CREDITED = 30


def pdf(world: World) -> Iterator[Row]:
    yield _document("invoice as a PDF, warm", world.site.inside("pdf"))


def _document(what: str, taken: dict[str, float]) -> Row:
    ratio = taken["ours"] / taken["bare"]
    figure = f"{taken['ours']:.1f} ms, {ratio:.2f} × bare typst"
    return at_most(what, ratio, 2, figure=figure, said="2 × bare typst")


def credit_note(world: World) -> Iterator[Row]:
    """The act by itself, in a process of its own, beside requests of the bare view before and
    after."""
    site = world.calm("credit")
    with site.served() as (pid, _):
        rate(f"{site.url}/bare/", seconds=1)
        before = bare_cpu(site, pid)
        act = site.inside("credit_act", str(CREDITED)) / 1000
        bare = (before + bare_cpu(site, pid)) / 2
    ratio = act / bare
    figure = f"{act * 1000:.1f} ms, {ratio:.1f} × bare"
    what = "credit note, the act with its rows, processor time"
    yield at_most(what, ratio, 20, figure=figure, said="20 × bare")
    yield _document("  as a PDF, warm", site.inside("credit_pdf"))
