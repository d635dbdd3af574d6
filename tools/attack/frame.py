"""How the attacks are run: one after another, each with a bound in time, told as they go.

An attack is a function that yields attempts. What it could not try counts as not held: an attack
that sees nothing must never say that all is well. What this machine cannot do at all is named.
"""

from __future__ import annotations

import random
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LOOPBACK = ("127.", "::1")


class TimeIsUp(BaseException):
    """The bound of an attack has passed. No Exception: nobody on the way may catch it."""


class CouldNotTry(Exception):
    """What an attack stands on is not there, such as a sign-in that failed. Says why."""


class NotHere(Exception):
    """This machine has not what the attack needs. Says what."""


class NotLoopback(Exception):
    """An attack was about to leave this machine."""


@dataclass(frozen=True)
class Attempt:
    """What was tried, how often, and whether the portal held. `held` is None: not tried."""

    tried: str
    held: bool | None
    evidence: str = ""
    times: int = 1


def judged(tried: str, faults: Iterable[str], *, times: int) -> Attempt:
    """Held where nothing was found; where nothing was tried either, it could not be tried."""
    found = list(faults)
    if not times:
        return Attempt(tried, None, "nothing was tried", 0)
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    return Attempt(tried, not found, "; ".join(found[:3]) + more, times)


Attack = Callable[[Any], Iterator[Attempt]]


# The exit status where nothing could be tried for want of something on the machine.
NOTHING_HERE = 3
BOTH = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Theme:
    """An attack by its name, with the seconds it may take on a database: in full, and in short.

    `short_on`: where it is run in short, so that it is quick; in full always on both. `measures`:
    it takes times, so in full the other database's attacks rest meanwhile.
    """

    name: str
    attack: Attack
    seconds: int
    short: int
    short_on: tuple[str, ...] = BOTH
    measures: bool = False


@dataclass
class Report:
    """Prints attempts as they come, and keeps what has to be said at the end."""

    width: int = 0
    tries: int = 0
    database: str = ""
    took: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    not_here: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.width = self.width or min(max(shutil.get_terminal_size((100, 24)).columns, 40), 110)

    def begin(self, database: str) -> None:
        """From now on what is reported is of this database."""
        self.database = database

    def add(self, theme: str, attempt: Attempt) -> None:
        self.tries += attempt.times
        if attempt.held is None:
            self.untried.append(f"{theme}: {attempt.tried}{self._where()}")
        elif not attempt.held:
            self.failed.append(f"{theme}: {attempt.tried}{self._where()}")
        print("\n".join(self.lines(theme, attempt)), flush=True)

    def _where(self) -> str:
        return f" ({self.database})" if self.database else ""

    def lines(self, theme: str, attempt: Attempt) -> list[str]:
        """A row of the table, folded so that it fits; the evidence is indented below it."""
        verdict = {True: "held", False: "DID NOT HOLD", None: "NOT TRIED"}[attempt.held]
        times = f"{attempt.times:,} ×" if attempt.times > 1 else ""
        narrow = self.width < 80
        tag = self.database[:2] if narrow else f"{self.database:<10}"
        left = f"{tag} {theme:<10}" if narrow else f"{tag} {theme:<10}{times:>8}  "
        said = f"{attempt.tried}, {times}" if narrow and times else attempt.tried
        room = max(self.width - len(left) - 14, 12)
        first, *more = textwrap.wrap(said, room) or [""]
        rows = [f"{left}{first:<{room}}  {verdict}"]
        rows += [f"{'':<{len(left)}}{line}" for line in more]
        if attempt.evidence and not attempt.held:
            indent = " " * 6
            rows += textwrap.wrap(
                printable(attempt.evidence),
                self.width,
                initial_indent=indent,
                subsequent_indent=indent,
            )
        return rows

    def end(self, seconds: float) -> int:
        """What there is to say at the end; returns the exit status: 0 where all held.

        NOTHING_HERE where this machine could do none of it.
        """
        print(f"\n{self.tries:,} tries in {seconds:.0f} s{self._where()}.", flush=True)
        took = ", ".join(f"{name} {taken:.0f} s" for name, taken in self.took.items())
        print("\n".join(textwrap.wrap(took, self.width)))
        for line in self.not_here:
            print(f"NOT HERE      {line}")
        for line in self.untried:
            print(f"NOT TRIED     {line}")
        for line in self.failed:
            print(f"DID NOT HOLD  {line}")
        if self.failed or self.untried:
            return 1
        if not self.tries:
            print("Nothing was tried.", flush=True)
            return NOTHING_HERE if self.not_here else 1
        print(f"All that was tried, held{self._where()}.", flush=True)
        return 0


def printable(text: str, limit: int = 600) -> str:
    """Evidence for a terminal: no control characters, not too long."""
    return "".join(c if c.isprintable() else " " for c in text)[:limit]


def run_theme(theme: Theme, world: Any, report: Report, *, seconds: float) -> None:
    """Run one attack to its end or its bound, and report each attempt."""
    name, begun = theme.name, time.monotonic()
    try:
        with time_bound(seconds):
            count = 0
            for attempt in theme.attack(world):
                report.add(name, attempt)
                count += 1
            if not count:
                report.add(name, Attempt("anything", None, "the attack came to no attempt"))
    except TimeIsUp:
        report.add(name, Attempt("the rest of it", None, f"not done within {seconds:.0f} s"))
    except NotHere as reason:
        report.not_here.append(f"{name}: {reason}")
    except CouldNotTry as reason:
        report.add(name, Attempt("the rest of it", None, str(reason)))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        report.add(name, Attempt("the rest of it", None, f"{said} at {place_of(error)}"))
    finally:
        report.took[name] = report.took.get(name, 0) + time.monotonic() - begun


def place_of(error: BaseException) -> str:
    """The last place of ours that an error came through."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "attack" in code.co_filename:
            places.append(f"{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-1] if places else "?"


@contextmanager
def time_bound(seconds: float) -> Iterator[None]:
    """Raises TimeIsUp in the block once so many seconds have passed, whatever it waits for."""

    def over(*_: Any) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def until(condition: Callable[[], Any], *, seconds: float, pause: float = 0.05) -> Any:
    """What the condition answers once it is true, or its last answer when time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
    return answer


def must(condition: Any, otherwise: str) -> Any:
    """What is true, for an attack to stand on. Raises CouldNotTry."""
    if not condition:
        raise CouldNotTry(otherwise)
    return condition


def check_loopback(host: str) -> str:
    """The host, where it is this machine's. Raises NotLoopback."""
    if not str(host).startswith(LOOPBACK):
        raise NotLoopback(f"{host} is not this machine: attacks stay on it.")
    return host


def stay_here() -> None:
    """From now on this process connects to this machine alone, whatever a module tries."""

    def watch(event: str, args: Any) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            check_loopback(args[1][0])

    sys.addaudithook(watch)


def dice(seed: int, *names: str) -> random.Random:
    """Random numbers of a theme's own: the same for a seed, whatever other themes are run."""
    return random.Random(f"{seed} {' '.join(names)}")
