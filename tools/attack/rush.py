"""All buyers at once for the last places: never one place too many, never an order without its
invoice."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from tools.attack.frame import Attempt, must
from tools.attack.visitors import Visitor
from tools.attack.world import World


def attack(world: World) -> Iterator[Attempt]:
    buyers, places = world.pick(16, 64), world.pick(3, 5)
    world.web  # noqa: B018 - started here
    event = world.site.inside("event", code="last-places", places=places)
    tag = world.database[:2].lower()
    visitors = world.people_with_sessions(buyers, f"buyer{tag}")
    ready = threading.Barrier(buyers)
    confirmed: list[str] = []

    def buy(visitor: Visitor) -> None:
        ready.wait(30)
        if order := visitor.order(event):
            confirmed.append(order)

    threads = [threading.Thread(target=buy, args=[one], daemon=True) for one in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    taken = world.site.inside("bookings", event=event)
    must(confirmed, "nobody could order at all")
    right = taken["registrations"] == len(taken["invoices"]) == len(confirmed) == places
    yield Attempt(
        f"{buyers} buyers at once for {places} places",
        right,
        f"{taken['registrations']} registrations, {len(taken['invoices'])} invoices, "
        f"{len(confirmed)} confirmed",
        buyers,
    )
