"""Nobody can be shut out by others.

Others, from many network addresses, use up what there is of tries at somebody's email address:
wrong passwords, codes, links. A device that has signed in before, and a mail that is there already,
must stay a way in. Those others must have met a limit meanwhile, else nothing was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.attack.frame import Attempt, CouldNotTry, judged, must, until
from tools.attack.mailbox import Mail
from tools.attack.visitors import PASSWORD, Visitor
from tools.attack.world import World


def attack(world: World) -> Iterator[Attempt]:
    people = world.people(5, f"held{world.database[:2].lower()}")
    emails = [str(one["email"]) for one in people]
    yield _known_device(world, emails[0], "password", lambda own: own.sign_in(emails[0]))
    yield _known_device(world, emails[1], "code", lambda own: _by_code(world, own, emails[1]))
    yield _known_device(
        world, emails[2], "new password", lambda own: _by_link(world, own, emails[2])
    )
    yield _code_on_its_way(world, emails[3])
    yield _link_on_its_way(world, emails[4])


def flooded(world: World, email: str) -> int:
    """18 tries, each from another address, at the password, codes and links."""
    for number in range(18):
        stranger = world.visitor()
        # A wrong password takes long on purpose: in short there are no more than use up the limit.
        kinds = ("code", "link") if world.short and number > 6 else ("password", "code", "link")
        kind = kinds[number % len(kinds)]
        if kind == "password":
            answer = stranger.enter_password(email, "not-the-password")
        elif kind == "code":
            answer = stranger.ask_for_code(email)
        else:
            answer = stranger.post("/forgotten/", {"email": email})
        must(answer.status in {200, 302, 429}, f"a try of others was answered {answer.status}")
    return 18


def _known_device(
    world: World, email: str, what: str, way_in: Callable[[Visitor], bool]
) -> Attempt:
    """The person's own browser, whose session has ended since."""
    own = world.visitor()
    must(own.sign_in(email), f"{email} cannot sign in before the flood")
    own.lose_session()
    if own.is_signed_in():
        raise CouldNotTry("a browser without its session is still signed in")
    tries = flooded(world, email)
    held = way_in(own)
    return Attempt(
        f"a device that has signed in before gets in by {what}, after tries of others",
        held,
        f"after {tries} tries from as many addresses its own {what} was refused",
        tries,
    )


def _by_code(world: World, own: Visitor, email: str) -> bool:
    world.answered()  # no mail of the others comes after this
    return own.sign_in_by_code(email, world.box, seconds=5)


def _by_link(world: World, own: Visitor, email: str) -> bool:
    """A new link, asked for after the flood."""
    world.answered()
    before = len(_links(world, email))
    own.post("/forgotten/", {"email": email})
    mail = _fresh(world, email, before)
    return mail is not None and new_password(own, mail.link)


def _links(world: World, email: str) -> list[Mail]:
    return [mail for mail in world.box.mails(email) if mail.link.startswith("/forgotten/")]


def _fresh(world: World, email: str, before: int) -> Mail | None:
    found = until(lambda: _links(world, email)[before:], seconds=5)
    return found[0] if found else None


def new_password(visitor: Visitor, link: str) -> bool:
    """Follow a link to a new password and set one; whether that signs in."""
    page = visitor.follow(visitor.get(link))
    if page.status != 200:
        return False
    path = "/forgotten/" + link.removeprefix("/forgotten/").split("-")[0] + "-set-password/"
    visitor.post(path, {"password1": f"{PASSWORD}-anew"})
    return visitor.is_signed_in()


def _code_on_its_way(world: World, email: str) -> Attempt:
    """A code that was asked for before the flood, in a browser that is new."""
    own = world.visitor()
    before = len(world.box.mails(email))
    own.ask_for_code(email)
    mail = must(
        world.box.next_to(email, before, with_a="code"), "the code did not come before the flood"
    )
    tries = flooded(world, email)
    own.enter_code(mail.code)
    faults = [] if own.is_signed_in() else ["the code that came before was refused"]
    return judged("a code already sent lets in, after tries of others", faults, times=tries)


def _link_on_its_way(world: World, email: str) -> Attempt:
    known = len(_links(world, email))
    world.visitor().post("/forgotten/", {"email": email})
    mail = must(_fresh(world, email, known), "the link did not come before the flood")
    tries = flooded(world, email)
    held = new_password(world.visitor(), mail.link)
    faults = [] if held else ["the link that came before was refused"]
    return judged("a link already sent lets in, after tries of others", faults, times=tries)
