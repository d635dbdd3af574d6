"""No 500 from input, whatever it is: every address, method and visitor, with seeded nonsense.

A known list comes first: what has broken a portal before, and its kind. An answer of 500 or more
is a fault; so is no answer at all to a request that is well-formed.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from tools.attack.frame import Attempt, judged, must
from tools.attack.sites import answers
from tools.attack.visitors import Answer, Visitor
from tools.attack.world import ALICE, BOSS, SAM, World

EMAIL_FORMS = {
    "/sign-in/": "login",
    "/sign-in/code/": "email",
    "/forgotten/": "email",
    "/create-an-account/": "email",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND")
NONSENSE = (
    "", "0", "-1", "abc", "9" * 20, "9" * 400, "1e400", "NaN", "\u0661\u0662", "\0", "a\0b",
    "'\"><", "%s%n{0}", "//[", "http://[", "\ud7ff\U0010ffff", "\u202e\ufeff", "2027-02-30",
    "0000-00-00", "99999-01-01", "on", "None", "[]", "a" * 5000, "x" * 300 + "@example.org",
)  # fmt: skip
NAMES = (
    "email", "login", "password", "code", "next", "page", "q", "p", "o", "e", "kind", "option",
    "attendee", "organisation", "number", "action", "_selected_action", "select_across", "index",
    "term", "app_label", "model_name", "field_name", "_to_field", "_popup", "valid_from", "price",
    "places", "starts_0", "starts_1", "is_staff", "person", "user", "title", "first_name",
    "purchase_order", "postcode", "theme", "to", "month", "year", "pk__in", "id__exact",
)  # fmt: skip


def long_email(length: int) -> str:
    """An address of so many characters that is well-formed in all else."""
    tail = "@" + ".".join(["b" * 60] * 3) + ".example.org"
    local = length - len(tail)
    return "a" * local + tail


def attack(world: World) -> Iterator[Attempt]:
    yield _long_emails(world)
    yield _known(world)
    yield _pickers(world)
    yield _giants(world)
    yield _malformed(world)
    yield from _random(world)


def is_fault(answer: Answer) -> bool:
    """The portal's own error, or none of its words. 501 and 503 are answers."""
    return answer.status == 0 or (answer.status >= 500 and answer.status not in {501, 503})


def noted(faults: list[str], asked: str, answer: Answer) -> None:
    if is_fault(answer):
        said = answer.page[:60] if answer.status == 0 else ""
        faults.append(f"{asked} → {answer.status} {said}".strip())


def _long_emails(world: World) -> Attempt:
    faults: list[str] = []
    times = 0
    lengths = (255, 254, 300, 320, 321, *range(250, 254), *range(256, 326, 9))
    lengths = lengths[: world.pick(5, 99)]
    for path, name in EMAIL_FORMS.items():
        for length in lengths:
            form = {name: long_email(length), "password": "x", "password1": "Long-enough-77"}
            form |= {"first_name": "Pat", "last_name": "Person"}
            noted(faults, f"POST {path} with {length} characters", world.visitor().post(path, form))
            times += 1
    return judged("emails of 250 to 325 characters", faults, times=times)


def _known(world: World) -> Attempt:
    """Where to go next, and what cookies and queries can hold."""
    faults: list[str] = []
    times = 0
    nexts = ("//[", "http://[", "//[::1", "/\\[", "\0", "javascript:1", "//" + "a" * 3000)
    nexts = nexts[: world.pick(3, 9)]
    visitors = (world.visitor(), world.visitor(SAM))
    for path in ("/sign-in/", "/create-an-account/", "/sign-in/code/", "/account/second-step/app/"):
        for there in nexts:
            for visitor in visitors:
                times += 2
                query = f"{path}?{urlencode({'next': there})}"
                noted(faults, f"GET {query[:60]}", visitor.get(query))
                noted(faults, f"POST {path} next", visitor.post(path, {"next": there}))
    for there in nexts:
        times += 2
        noted(faults, "POST /theme/", world.visitor().post("/theme/", {"next": there}))
        headers = {"Referer": there.replace("\0", "%00")}
        noted(faults, "Referer", world.visitor().post("/sign-in/", {}, **headers))
    return judged("next and Referer that are no address", faults, times=times)


def _pickers(world: World) -> Attempt:
    """What is not a number where one is picked, in pages and in the office."""
    faults: list[str] = []
    times = 0
    alice, boss = world.visitor(ALICE), world.visitor(BOSS)
    register = "/training-and-events/plenty/registration/"
    lists = ("people/person", "core/outgoingmail", "events/event", "events/order", "accounts/user")
    for value in ("abc", "9" * 25, "\0", "-1", "1.5", "\u0661")[: world.pick(2, 9)]:
        said = quote(value)
        asked: list[tuple[Visitor, str, str, dict[str, Any]]] = [
            (alice, "POST", register, {"option": value, "agree": "on"}),
            (alice, "GET", f"/training-and-events/?page={said}&kind={said}&month={said}", {}),
            (alice, "GET", f"/account/activity/?page={said}", {}),
        ]
        for one in lists:
            path = f"/office/{one}/"
            asked += [
                (boss, "GET", f"{path}?p={said}&o={said}", {}),
                (boss, "GET", f"{path}?id__exact={said}", {}),
                (boss, "GET", f"{path}{said}/change/", {}),
                (boss, "GET", f"{path}1/change/?_to_field={said}", {}),
                (boss, "GET", f"{path}1/delete/?_to_field=&_popup={said}", {}),
                (boss, "POST", path, {"action": "send_again", "_selected_action": value}),
            ]
        asked.append((boss, "POST", "/office/membership/membership/add/", {"person": value}))
        asked.append((boss, "POST", "/office/organisations/affiliation/add/", {"person": value}))
        asked.append((boss, "POST", "/office/events/event/1/change/", {"places": value}))
        for visitor, method, path, form in asked:
            times += 1
            answer = visitor.post(path, form) if method == "POST" else visitor.get(path)
            noted(faults, f"{method} {path[:60]} with {value[:8]!r}", answer)
    return judged("no numbers where numbers are picked", faults, times=times)


def _giants(world: World) -> Attempt:
    """Too much of everything: a refusal, not an error."""
    faults: list[str] = []
    sizes = (3_000, 5_300_000)
    tried: list[tuple[str, Any]] = []
    for size in sizes:
        tried.append(
            (f"a field of {size}", lambda v, n=size: v.post("/sign-in/", {"login": "a" * n}))
        )
    many = {f"f{n}": "1" for n in range(3000)}
    tried += [
        ("3,000 fields", lambda v: v.post("/sign-in/", many)),
        ("3,000 parameters", lambda v: v.get("/training-and-events/?" + urlencode(many))),
        ("a path of 20,000", lambda v: v.get("/" + "a" * 20_000)),
        ("a chunked form", _chunked),
        ("multipart without end", _multipart),
        ("another charset", lambda v: v.post("/sign-in/", {"login": "é"}, **{"Content-Type": (
            "application/x-www-form-urlencoded; charset=utf-16")})),
        ("a query that is no UTF-8", lambda v: v.get("/training-and-events/?q=%ff%fe%c0%80")),
        ("a path that is no UTF-8", lambda v: v.get("/training-and-events/%ff%fe/")),
        ("a session that is none", lambda v: _with(v, "portal_session", "\xa0" * 40)),
        ("a signed cookie that is none", lambda v: _with(v, "portal_last", "a:b:c")),
        ("another Host", lambda v: v.get("/", headers={"Host": "evil.example:[]"})),
    ]  # fmt: skip
    for what, ask in tried:
        noted(faults, what, ask(world.visitor()))
    for length in (9_000, 60_000, 400_000):
        answer = world.visitor().get("/", headers={"X-Long": "a" * length})
        if answer.status >= 500:  # the server may hang up on it
            noted(faults, f"a header of {length}", answer)
    return judged("too long, too many, not what it says", faults, times=len(tried) + 3)


def _with(visitor: Visitor, cookie: str, value: str) -> Answer:
    visitor.cookies[cookie] = value
    return visitor.get("/account/")


def _chunked(visitor: Visitor) -> Answer:
    body = urlencode(
        {"csrfmiddlewaretoken": visitor.cookies["portal_csrf"], "login": "a@b.example"}
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"}
    parts = [body[:40].encode(), body[40:].encode()]
    return visitor.ask("POST", "/sign-in/", body=iter(parts), headers=kind, chunked=True)


def _multipart(visitor: Visitor) -> Answer:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nabc'
    return visitor.ask("POST", "/sign-in/", body=body, headers=kind)


def _malformed(world: World) -> Attempt:
    """Bytes that are no request: the line may be cut, and the web goes on."""
    port = world.site.port
    host = f"Host: 127.0.0.1:{port}\r\n".encode()
    chunked = b"POST /sign-in/ HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n"
    pieces = [
        b"\0\0\0\0\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"Content-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 99999999999999999999\r\n\r\n",
        chunked + b"zz\r\nabc\r\n", chunked + b"ffffffffffffffff1\r\n", chunked + b"5\r\nab",
        b"GET / HTTP/1.1\r\n" + host + b"X: a\r\n b\r\n: c\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 40,
    ]  # fmt: skip
    faults = []
    for piece in pieces:
        status = _raw(port, piece)
        if status >= 500 and status not in {501, 503, 505}:
            faults.append(f"{piece[:40]!r} → {status}")
    if not answers(port):
        faults.append("the web no longer answers")
    return judged("bytes that are no request", faults, times=len(pieces))


def _raw(port: int, piece: bytes) -> int:
    """The status of the answer; 0 where the line was cut or nothing came."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.settimeout(0.3)
        try:
            line.sendall(piece)
            return int(line.recv(64).split()[1])
        except (OSError, ValueError, IndexError):
            return 0


def _random(world: World) -> Iterator[Attempt]:
    """Seeded nonsense at every address, by every method, from every visitor."""
    paths = [p for p in world.site.inside("addresses") if "sign-out" not in p and "logout" not in p]
    must(len(paths) > 40, f"only {len(paths)} addresses were found")
    for name, email in (("a visitor", ""), ("a member", ALICE), ("staff", SAM), ("an admin", BOSS)):
        dice = world.dice("junk", name)
        visitor = world.visitor(email)
        faults: list[str] = []
        chosen = [(path, method) for path in paths for method in METHODS]
        dice.shuffle(chosen)
        chosen = chosen[: world.pick(25, 400)]
        for path, method in chosen:
            asked, answer = _nonsense(dice, visitor, path, method)
            noted(faults, asked, answer)
        yield judged(f"nonsense from {name}, seed {world.seed}", faults, times=len(chosen))


def _nonsense(dice: random.Random, visitor: Visitor, path: str, method: str) -> tuple[str, Answer]:
    fields = {dice.choice(NAMES): dice.choice(NONSENSE) for _ in range(dice.randrange(1, 6))}
    query = f"?{urlencode(fields)}"[:6000] if dice.random() < 0.5 else ""
    if dice.random() < 0.15:
        path = path.replace("1", quote(dice.choice(NONSENSE)[:200], safe=""))
    asked = f"{method} {path}{query}"[:400]
    if method == "POST":
        return f"{asked} {fields}"[:500], visitor.post(path + query, fields)
    return asked, visitor.ask(method, path + query)
