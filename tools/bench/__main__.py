"""`make bench`: every figure with its bound. `ONLY=event,booking` measures some of them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tools.bench import booking, importing, pages, papers, serving
from tools.bench.figures import Row, Table, chosen, not_measured
from tools.bench.world import World

MEASURES: dict[str, Callable[[World], Iterator[Row]]] = {
    "event": pages.event,
    "activity": pages.activity,
    "list": pages.event_list,
    "booking": booking.booking,
    "sign-in": serving.sign_in,
    "rush": serving.rush,
    "pdf": papers.pdf,
    "credit-note": papers.credit_note,
    "memory": serving.memory,
    "start": serving.start,
    "import": importing.importing,
}


def main(words: list[str]) -> int:
    try:
        names = wanted(words)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    table = Table()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-"))
        world = World(Path(folder), stack)
        for name in names:
            measure(name, world, table)
    print(f"\n{table.end()}")
    return 0


def measure(name: str, world: World, table: Table) -> None:
    """Tell the rows of a measure. What breaks on its way is told, and the others go on."""
    try:
        for row in MEASURES[name](world):
            table.tell(row)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        table.tell(not_measured(name, str(error)))


def wanted(words: list[str]) -> list[str]:
    """The measures that the words of the command ask for. Raises ValueError with a sentence."""
    only = ""
    for word in words:
        name, equals, value = word.partition("=")
        if name != "ONLY" or not equals:
            raise ValueError(f"“{word}” is not understood: give ONLY=event,booking or nothing.")
        only = value
    return chosen(only, MEASURES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
