"""Urgent mail overtakes bulk, and a mail server without patience costs no attempts."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tools.attack.frame import Attempt, must, until
from tools.attack.world import World


def attack(world: World) -> Iterator[Attempt]:
    yield _overtaking(world)
    yield _hung_up(world)


def _overtaking(world: World) -> Attempt:
    """A code while hundreds of invitations wait at a slow server."""
    box, tag = world.box, world.database[:2].lower()
    count, delay = world.pick(40, 300), world.pick(2, 5) / 10
    (one,) = world.people(1, f"urgent{tag}")
    world.web  # noqa: B018 - started here
    box.delay = delay
    bound = max(10 * delay, 3.0)
    try:
        world.site.inside("invite", count=count, name=f"bulk{tag}")
        must(until(lambda: _bulk(world, tag), seconds=10), "no invitation goes out")
        begun = time.monotonic()
        world.visitor().ask_for_code(one["email"])
        mail = box.next_to(one["email"], 0, seconds=bound + 2, with_a="code")
        left = count - _bulk(world, tag)
    finally:
        box.delay = 0.0
    must(mail is not None or left, "the invitations were sent before the code was asked for")
    if mail is None:
        until(lambda: _bulk(world, tag) >= count, seconds=15, pause=0.2)
    taken = mail.at - begun if mail else bound + 2
    said = f"{taken:.1f} s" if mail else f"it had not come after {taken:.1f} s"
    return Attempt(
        f"a code overtakes {count} invitations at {delay} s a message",
        mail is not None and taken <= bound,
        f"{said}, with {left} invitations before it; within {bound:.0f} s is expected",
        count,
    )


def _bulk(world: World, tag: str) -> int:
    return sum(mail.to.startswith(f"bulk{tag}") for mail in world.box.mails())


def _hung_up(world: World) -> Attempt:
    """A server that closes after each message: all go out, each at its first attempt."""
    box, tag, count = world.box, world.database[:2].lower(), world.pick(8, 40)
    addresses = [f"closes{tag}{number}@example.org" for number in range(count)]
    world.web  # noqa: B018
    box.closes = True
    begun = box.connections
    try:
        world.site.inside("queue", to=addresses)
        until(lambda: _come(world, addresses) >= count, seconds=world.pick(4, 15))
        time.sleep(0.2)
    finally:
        box.closes = False
    where = {"to__in": addresses}
    attempts = world.site.inside("values", model="core.OutgoingMail", field="attempts", where=where)
    must(box.connections > begun, "the worker did not reach the mail server")
    late = [one for one in attempts if one != "1"]
    came = _come(world, addresses)
    return Attempt(
        f"{count} mails to a server that hangs up after each: all go, at the first attempt",
        came == count and not late,
        f"{came} of {count} came; {len(late)} were put off or tried more than once",
        count,
    )


def _come(world: World, addresses: list[str]) -> int:
    return len({mail.to for mail in world.box.mails()} & set(addresses))
