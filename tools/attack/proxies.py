"""Headers of a proxy count from a named proxy only, and in their own spelling only.

An installation at https, spoken to as its proxy would: plain http on this machine. The limit per
network address is what a forged address gets round: first it is met honestly, then by forging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tools.attack.frame import Attempt, CouldNotTry, judged, must
from tools.attack.sites import Running, free_port
from tools.attack.visitors import Answer, Visitor, new_address
from tools.attack.world import BOB, World

HOST = "portal.example.org"
URL = f"https://{HOST}"
PROXY = "127.0.0.1"
MOST = 110
# Links of invitations are tried at most so often from one network address.
LIMITED = "/invitation/no-such-key/"
NO_SUCH_KEY = {404, 410}


def attack(world: World) -> Iterator[Attempt]:
    port = free_port()
    web, named = served(world, port)
    try:
        yield named
        yield _cookies(world, port)
        yield _honest_scheme(world, port)
        yield from _limits(world, port)
    finally:
        web.stop()


def served(world: World, port: int) -> tuple[Running, Attempt]:
    """The web at https behind a named proxy; by a number of proxies where names are refused."""
    tried = "PORTAL_TRUSTED_PROXIES names the proxies"
    env = {"PORTAL_URL": URL, "PORTAL_SECRET_KEY": "attack" * 12}
    try:
        web = world.site.serve(port=port, PORTAL_TRUSTED_PROXIES=PROXY, **env)
    except CouldNotTry as reason:
        web = world.site.serve(port=port, PORTAL_TRUSTED_PROXIES="1", **env)
        return web, Attempt(tried, False, str(reason))
    return web, Attempt(tried, True)


def through(world: World, port: int, peer: str = PROXY, **headers: str) -> Visitor:
    """Somebody whose requests come from `peer` with these headers (_ for -), as a proxy has it."""
    given = {"Host": HOST, "Origin": URL, "Referer": f"{URL}/"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Visitor(world.site, port=port, address=peer, headers=given, secure=True)


def _cookies(world: World, port: int) -> Attempt:
    visitor = through(world, port, X_Forwarded_Proto="https", X_Forwarded_For=new_address())
    visitor.cookies.clear()
    page = visitor.get("/sign-in/")
    must(page.status == 200, f"no page at https through the proxy ({page.status})")
    visitor.get("/account/")
    visitor.post("/theme/", {"theme": "dark"})
    visitor.sign_in(BOB)
    bad = [name for name in visitor.cookies if not name.startswith("__Host-")]
    said = page.headers.get("Set-Cookie", "")
    if said and "Secure" not in said:
        bad.append("a cookie that is not Secure")
    return judged("cookies on https are bound to the host", bad, times=len(visitor.cookies))


def _honest_scheme(world: World, port: int) -> Attempt:
    """Who is no proxy says https: the page is not shown to them as if it were."""
    stranger = through(world, port, new_address(), X_Forwarded_Proto="https")
    answer = stranger.get("/sign-in/")
    return Attempt(
        "X-Forwarded-Proto from an address that is no proxy does not count",
        answer.status in {301, 302, 308, 400, 403, 421},
        f"a page at “https” was given to it ({answer.status})",
    )


def tries(ask: Callable[[int], Answer]) -> int:
    """How many requests are answered before the first refusal; MOST where none is refused."""
    for number in range(MOST):
        answer = ask(number)
        if answer.is_refused:
            return number
        must(answer.status in NO_SUCH_KEY, f"a request to {LIMITED} gave {answer.status}")
    return MOST


def _limits(world: World, port: int) -> Iterator[Attempt]:
    def asker(headers: Callable[[int], Mapping[str, str]]) -> Callable[[int], Answer]:
        visitor = through(world, port)
        plain = dict(visitor.headers)

        def ask(number: int) -> Answer:
            visitor.headers = plain | headers(number)
            return visitor.post(LIMITED)

        return ask

    honest, own = new_address(), new_address()
    https = {"X-Forwarded-Proto": "https"}
    allowed = tries(asker(lambda _: https | {"X-Forwarded-For": honest}))
    must(0 < allowed < MOST, f"the limit per address was met after {allowed} tries")
    forged: dict[str, Callable[[int], Mapping[str, str]]] = {
        "X_Forwarded_For beside the proxy's header": lambda _: {
            "X-Forwarded-For": own, "X_Forwarded_For": new_address()},
        "X_Forwarded_For before the proxy's header": lambda _: {
            "X_Forwarded_For": new_address(), "X-Forwarded-For": "127.77.1.0"},
        "X-Forwarded_For beside the proxy's header": lambda _: {
            "X-Forwarded-For": "127.77.1.1", "X-Forwarded_For": new_address()},
        "a made-up beginning of X-Forwarded-For": lambda _: {
            "X-Forwarded-For": f"{new_address()}, 127.77.1.2"},
        "Forwarded and X-Real-IP": lambda _: {
            "X-Forwarded-For": "127.77.1.3", "Forwarded": f"for={new_address()}",
            "X-Real-IP": new_address(), "X_Real_IP": new_address()},
    }  # fmt: skip
    for what, headers in forged.items():
        got = tries(asker(lambda n, h=headers: https | h(n)))  # type: ignore[misc]
        yield _told(what, got, allowed)
    yield _unnamed(world, port, allowed)


def _unnamed(world: World, port: int, allowed: int) -> Attempt:
    """An address that is no proxy forges one each time: refused wholly, or limited as itself."""
    peer = new_address()
    refused = answered = 0
    visitor = through(world, port, peer, X_Forwarded_Proto="https")
    for _ in range(allowed + 4):
        visitor.headers["X-Forwarded-For"] = new_address()
        answer = visitor.post(LIMITED)
        refused += answer.is_refused or answer.status in {301, 308, 400, 403, 421}
        answered += answer.status in NO_SUCH_KEY
    return Attempt(
        "X-Forwarded-For from an address that is no proxy does not count",
        answered <= allowed and refused > 0,
        f"{answered} requests answered with a forged address each; honestly {allowed}",
        allowed + 4,
    )


def _told(what: str, got: int, allowed: int) -> Attempt:
    return Attempt(
        f"{what} does not get round the limit",
        got <= allowed * 1.5,  # a few more where the minute of the limit goes by meanwhile
        f"{got} tries, honestly {allowed}",
        got,
    )
