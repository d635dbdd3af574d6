"""Time tells nothing: the answer takes as long for an account, an imported person, and nobody.

Asked in turn, each round in another order and each request from a network address of its own; the
differences are taken round by round, so that what else the machine does counts for all alike.
"Nobody" is asked twice a round: what those two differ by is noise. A difference counts when its
median is over the bound, in noise, in two series one after another.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median

from tests.processes import worker_of
from tools.attack.frame import Attempt, CouldNotTry, must, until
from tools.attack.visitors import Visitor
from tools.attack.world import World

SIGN_IN = "/sign-in/"
FORMS = ("/forgotten/", "/sign-in/code/", SIGN_IN)
KINDS = ("account", "imported", "nobody", "nobody again")
LEAST = 0.0003  # seconds: less than this tells nobody anything, over a network or here
# A bound over this, and over a third of the time that an answer takes, shows nothing. In short,
# with few rounds, over all of it.
BLIND = 0.006
ENOUGH = 10.0  # seconds for the first series
SHARP = 0.0008  # with a bound as low as this, no more rounds are asked


@dataclass(frozen=True)
class Difference:
    """The median of the paired differences to "nobody", and the bound that noise sets, in s."""

    kind: str
    seconds: float
    bound: float

    @property
    def tells(self) -> bool:
        return abs(self.seconds) > self.bound

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds * 1000:+.2f} ms (bound {self.bound * 1000:.2f})"


def differences(rounds: list[dict[str, float]]) -> list[Difference]:
    """Of each kind from the mean of the two nobodies, round by round. Needs eight rounds."""
    if len(rounds) < 8:
        raise ValueError(f"{len(rounds)} rounds tell nothing")
    still = _error([one["nobody"] - one["nobody again"] for one in rounds])
    found = []
    for kind in KINDS[:2]:
        paired = [one[kind] - (one["nobody"] + one["nobody again"]) / 2 for one in rounds]
        # Four standard errors of the median; and no less than the nobodies' own from each other.
        bound = max(4 * _error(paired), 4 * still, LEAST)
        found.append(Difference(kind, median(paired), bound))
    return found


def _error(values: list[float]) -> float:
    """The standard error of their median, by their median deviation: no outlier moves it."""
    middle = median(values)
    deviation = 1.4826 * median(abs(value - middle) for value in values)
    return float(1.2533 * deviation / len(values) ** 0.5)


def attack(world: World) -> Iterator[Attempt]:
    """With the worker halted, so that its work is not in the times; in full with it at work too."""
    world.web  # noqa: B018 - started here
    for halted in (True, False)[: world.pick(1, 2)]:
        with halted_worker(world) if halted else nullcontext():
            for path in FORMS:
                yield _compared(world, path, "worker halted" if halted else "worker at work")
        must(world.drained(seconds=60), "the mails of these requests do not go out")


def _compared(world: World, path: str, how: str) -> Attempt:
    most = world.pick(16, 150)
    begun = time.monotonic()
    tag = f"{world.database[:2]}{FORMS.index(path)}{how[-4:-2]}".lower().replace(" ", "")
    made: list[dict[str, float]] = []
    while len(made) < most and not (made and _is_sharp(differences(made))):
        if time.monotonic() - begun > ENOUGH:
            break
        made += _series(world, path, min(25, most), f"{tag}{len(made)}")
    told, times = differences(made), len(made) * len(KINDS)
    if any(one.tells for one in told):
        again = _series(world, path, min(2 * len(made), 75), f"{tag}again")
        second = differences(again)
        told = [b if a.tells else a for a, b in zip(told, second, strict=True)]
        times += len(again) * len(KINDS)
    middle = median(one["nobody"] for one in made) * 1000
    said = f"{path} ({middle:.1f} ms, {how}): {', '.join(map(str, told))}"
    if any(one.tells for one in told):
        evidence = "the medians of paired differences are over the bound in two series"
        return Attempt(f"the time of {said}", False, evidence, times)
    if max(one.bound for one in told) > max(BLIND, middle / 1000 / world.pick(1, 3)):
        return Attempt(f"the time of {said}", None, "there is too much noise here to tell", times)
    return Attempt(f"the time of {said}", True, times=times)


def _is_sharp(found: list[Difference]) -> bool:
    return max(one.bound for one in found) <= SHARP


@contextmanager
def halted_worker(world: World) -> Iterator[None]:
    """The worker beside the web stands still, once it has nothing to do."""
    found = until(lambda: worker_of(world.web), seconds=15)
    must(found, "there is no worker beside the web")
    time.sleep(1)  # what it begins with is done, and nothing waits
    os.kill(found, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(found, signal.SIGCONT)


def _series(world: World, path: str, count: int, tag: str) -> list[dict[str, float]]:
    dice = world.dice("timing", path, tag)
    # In full, accounts that sign in have hashes from before: a check of one takes longest.
    is_old = path == SIGN_IN and not world.short
    accounts = [one["email"] for one in world.people(count, f"has{tag}", is_old=is_old)]
    imported = [one["email"] for one in world.people(count, f"was{tag}", account=False)]
    for number in range(3):  # the first requests load what later ones have
        _asked(world, path, f"warm{tag}{number}@example.org")
    rounds = []
    for number in range(count):
        emails = {
            "account": accounts[number],
            "imported": imported[number],
            "nobody": f"not{tag}{number}@example.org",
            "nobody again": f"nor{tag}{number}@example.org",
        }
        order = list(KINDS)
        dice.shuffle(order)
        taken = {kind: _asked(world, path, emails[kind]) for kind in order}
        rounds.append(taken)
    return rounds


def _form(path: str, email: str) -> dict[str, str]:
    if path == SIGN_IN:
        return {"login": email, "password": "not-the-password"}
    return {"email": email}


def _asked(world: World, path: str, email: str) -> float:
    """Seconds from the sent form to the whole answer."""
    visitor = Visitor(world.site)
    visitor.get("/healthz")  # the connection is open when the clock starts
    begun = time.perf_counter()
    answer = visitor.post(path, _form(path, email))
    seconds = time.perf_counter() - begun
    if answer.status not in {200, 302}:
        raise CouldNotTry(f"{path} answered {answer.status} {answer.page[:80]}")
    return seconds
