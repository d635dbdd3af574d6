"""Another person's things are not there: every address of theirs, every visitor, every method."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.attack.frame import Attempt, judged, must
from tools.attack.visitors import Answer, Visitor
from tools.attack.world import ALICE, BOB, CHARLIE, SAM, World

METHODS = ("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE")
SECRET = "PO-of-alice-alone-7431"
# Django's own words for dates, for whoever asks.
FOR_ALL = ("/office/jsi18n/", "/office/login/")


def attack(world: World) -> Iterator[Attempt]:
    cast = world.cast
    world.site.inside(
        "set_row", model="people.Person", key=cast["person"], purchase_order_number=SECRET
    )
    alice = world.visitor(ALICE)
    addresses = {
        f"/invoices/{cast['invoice']}/": 200,
        f"/invoices/{cast['invoice']}/print/": 200,
        f"/invoices/{cast['invoice']}/pdf/": 200,
        f"/invoices/{cast['invoice']}/purchase-order/": 200,
        f"/orders/{cast['order']}/": 200,
        f"/orders/{cast['order']}/confirmation/": 200,
        f"/registrations/{cast['registration']}/event.ics": 200,
        f"/basket/{cast['hold']}/removal/": 405,
    }
    for path, status in addresses.items():
        must(alice.get(path).status == status, f"{path} does not open for its own person")
    must(SECRET in alice.get("/account/").page, "About me does not show what is secret")
    faults, times = [], 0
    for name, visitor in _visitors(world).items():
        for path in addresses:
            for method in METHODS[: world.pick(4, 9)]:
                times += 1
                answer = _asked(visitor, method, path)
                if SECRET in answer.page or "Alice" in answer.page:
                    faults.append(f"{method} {path} showed {name} what is hers")
                elif not withheld(answer, name) and not _as_if_none(visitor, method, path, answer):
                    faults.append(f"{method} {path} gave {name} {answer.status}")
    yield judged("what is one person's: nothing of it by any method", faults, times=times)
    yield _unchanged(world)
    yield _office(world)


def _visitors(world: World) -> dict[str, Visitor]:
    return {
        "a visitor": world.visitor(),
        "a colleague": world.visitor(BOB),
        "a stranger": world.visitor(CHARLIE),
        "staff": world.visitor(SAM),
    }


def _asked(visitor: Visitor, method: str, path: str) -> Answer:
    form = {"number": "taken", "purchase_order": "taken"}
    if method in {"POST", "PUT", "PATCH"}:
        answer = visitor.post(path, form) if method == "POST" else visitor.ask(method, path)
    else:
        answer = visitor.ask(method, path)
    return answer


def withheld(answer: Answer, name: str) -> bool:
    """No word that it is there: led to the sign-in page, or not found."""
    if name == "a visitor" and answer.to_sign_in:
        return True
    return answer.status in {403, 404, 405, 501}


def _as_if_none(visitor: Visitor, method: str, path: str, answer: Answer) -> bool:
    """The same answer as at a number that nobody has."""
    none = _asked(visitor, method, re.sub(r"\d+", "987654", path))
    return (answer.status, answer.location) == (none.status, none.location) and answer.status < 400


def _unchanged(world: World) -> Attempt:
    cast, faults = world.cast, []
    person = world.site.inside("row", model="people.Person", where={"pk": cast["person"]}) or {}
    if person.get("purchase_order_number") != SECRET:
        faults.append("the purchase order number is another")
    if not world.site.inside("count", model="events.Hold", where={"pk": cast["hold"]}):
        faults.append("the held place is gone")
    return judged("what is one person's is unchanged by others", faults, times=2)


def _office(world: World) -> Attempt:
    """Nothing of the office for who does not work there."""
    paths = [p for p in world.site.inside("addresses") if p.startswith("/office/")]
    paths = [path for path in paths if path not in FOR_ALL]
    if world.short:
        paths = world.dice("strangers").sample(paths, min(25, len(paths)))
    must(world.visitor(SAM).get("/office/").status == 200, "staff do not get in")
    faults, times = [], 0
    visitors = {"a visitor": world.visitor(), "a stranger": world.visitor(CHARLIE)}
    for name, visitor in visitors.items():
        for path in paths:
            for method in ("GET", "POST"):
                times += 1
                answer = _asked(visitor, method, path)
                if answer.status not in {301, 302, 403, 404, 405} or "/office/" in _there(answer):
                    faults.append(f"{method} {path} gave {name} {answer.status}")
    return judged("the office, for who does not work there", faults, times=times)


def _there(answer: Answer) -> str:
    """Where it leads in the office, its front door left out: that asks again who it is."""
    path = answer.location.partition("?")[0]
    return "" if path in {"/office/", "/office/login/", "/office/logout/"} else path
