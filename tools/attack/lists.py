"""A list of the office is no oracle, and the outbox shows no code.

Whoever works in the office may look through lists. A lookup in the address of one
(`?user__password__startswith=…`) that changes what is shown lets them read, sign by sign, what no
page shows them. So each lookup that reaches a secret is asked with a beginning that is true and
with one that is not: where the two answers differ, the list tells.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from tools.attack.frame import Attempt, CouldNotTry, judged, must, until
from tools.attack.visitors import Answer, Visitor
from tools.attack.world import ALICE, BOSS, SAM, World

UNTRUE = "~no-such-beginning"
ENDINGS = {"startswith": "", "contains": "", "regex": "^", "istartswith": "", "gte": ""}
ECHO = re.compile(r"<(?:input|a|form|link)\b[^>]*>|nonce=\S+")
LINK = re.compile(r'href="(/office/[\w/]+/\d+/change/)')
COUNT = re.compile(r"\b(\d+) (?:results?|total|of)\b|<p class=\"paginator\">\s*(\d+)")


def shown(answer: Answer) -> tuple[object, ...]:
    """What a list shows, without what it repeats of the address."""
    rows = tuple(sorted(set(LINK.findall(answer.page))))
    counts = tuple(number for pair in COUNT.findall(answer.page) for number in pair if number)
    return answer.status, rows, counts, answer.page.count("<tr")


def tells(staff: Visitor, path: str, lookup: str, truth: str, untruth: str) -> str:
    """The evidence where a lookup tells a truth from an untruth; else "".

    Lists change meanwhile (a mail has gone, somebody has come): what tells stands still. Raises
    CouldNotTry where the list never does.
    """
    asked = [f"{path}?{urlencode({lookup: value})}" for value in (truth, untruth, truth)]
    for _ in range(30):
        true, untrue, again = (staff.get(one) for one in asked)
        if shown(true) == shown(untrue):
            return ""
        if shown(true) == shown(again):
            break
        time.sleep(0.1)
    else:
        raise CouldNotTry(f"{path} never stands still")
    return f"GET {path}?{lookup}=… shows {_brief(true)} for a true beginning, else {_brief(untrue)}"


def _brief(answer: Answer) -> str:
    return f"{len(set(LINK.findall(answer.page)))} rows ({answer.status})"


def attack(world: World) -> Iterator[Attempt]:
    site = world.site
    site.inside("waiting_secret", to=BOSS, words="QXZV-7431 is a code that waits")
    reached: dict[str, list[list[str]]] = site.inside("secret_lookups")
    for name, email in (("staff", SAM), ("an administrator", BOSS))[: world.pick(1, 2)]:
        yield from _lookups(world, name, world.visitor(email), reached)
    yield _searched(world, world.visitor(SAM), reached)
    site.inside("drop_mail", to=BOSS)
    yield _outbox(world)


def _lookups(
    world: World, who: str, staff: Visitor, reached: dict[str, list[list[str]]]
) -> Iterator[Attempt]:
    """Each lookup to a secret; the sight of the lists themselves is the control."""
    must(staff.get("/office/").status == 200, f"{who} does not get into the office")
    chosen = _chosen(world, who, reached)
    readable = {path for path in reached if staff.get(path).status == 200}
    must("/office/accounts/user/" in readable, f"{who} sees no list of accounts")
    faults, times = [], 0
    for path, lookup, truth in chosen:
        if path not in readable:
            continue
        for ending, before in list(ENDINGS.items())[: world.pick(1, 9)]:
            times += 1
            said = f"{before}{re.escape(truth) if ending == 'regex' else truth}"
            if found := tells(staff, path, f"{lookup}__{ending}", said, UNTRUE):
                faults.append(found)
    yield judged(f"lookups of {who} in the addresses of lists tell no secret", faults, times=times)


def _chosen(
    world: World, who: str, reached: dict[str, list[list[str]]]
) -> list[tuple[str, str, str]]:
    """All of them in full; in short those that were used, and some others."""
    every = [(path, *pair) for path, found in reached.items() for pair in found]
    near = [one for one in every if one[1].count("__") < 1]
    if not world.short:
        return every
    far = [one for one in every if one not in near]
    return near + world.dice("lists", who).sample(far, min(8, len(far)))


def _searched(world: World, staff: Visitor, reached: dict[str, list[list[str]]]) -> Attempt:
    """The search box looks into no secret either."""
    faults, times = [], 0
    for path, found in reached.items():
        for truth in sorted({truth for _, truth in found if truth.isascii()})[: world.pick(1, 3)]:
            times += 1
            if fault := tells(staff, path, "q", truth, UNTRUE):
                faults.append(fault)
    return judged("the search boxes of the office look into no secret", faults, times=times)


def _outbox(world: World) -> Attempt:
    """A code and a link while they wait and when they have gone: not readable in any column."""
    box, faults, times = world.box, [], 0
    asked: list[tuple[str, str, Callable[[Visitor], Answer]]] = [
        ("a sign-in code", "code", lambda v: v.ask_for_code(ALICE)),
        ("a link to a new password", "link", lambda v: v.post("/forgotten/", {"email": ALICE})),
    ]
    world.drained(seconds=10)
    box.delay = 0.5
    try:
        for what, kind, ask in asked:
            before, known = len(box.mails(ALICE)), _newest(world)
            ask(world.visitor())
            waiting = until(lambda k=known: _newer(world, k), seconds=5)
            mail = must(box.next_to(ALICE, before, with_a=kind), f"{what} never came")
            secret = getattr(mail, kind)
            must(waiting, f"{what} was in no row of the outbox")
            time.sleep(0.2)
            for when, row in (("waits", waiting), ("has gone", _newest(world) or {})):
                times += 1
                told = [name for name, value in row.items() if _has(value, secret)]
                if told:
                    faults.append(f"{what} stands in {', '.join(told)} while it {when}")
    finally:
        box.delay = 0.0
    return judged("codes and keyed links do not stand readable in the outbox", faults, times=times)


def _newer(world: World, known: dict[str, str] | None) -> dict[str, str] | None:
    """The newest row, where it is another than the one that is known."""
    row = _newest(world)
    return row if row and row["id"] != (known or {}).get("id") else None


def _newest(world: World) -> dict[str, str] | None:
    row: dict[str, str] | None = world.site.inside(
        "row", model="core.OutgoingMail", where={"to": ALICE}
    )
    return row


def _has(value: str, secret: str) -> bool:
    """With or without the spaces and dashes in which a code is written."""
    plain = re.sub(r"[\s-]", "", secret)
    return secret in value or plain in re.sub(r"[\s-]", "", value)
