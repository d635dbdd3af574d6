"""One mailbox, one limit: however its address is spelled and wherever the requests come from.

A mailbox gets mail under many spellings of its address: capitals, full-width letters, a domain in
its own script or in punycode. First the plain spelling alone: so many mails come before the limit.
Then as many requests under every spelling: no more mails may come than that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tools.attack.frame import Attempt, CouldNotTry, must
from tools.attack.visitors import Visitor
from tools.attack.world import World

FORMS = {
    "codes": "/sign-in/code/",
    "links to a new password": "/forgotten/",
    "sign-ups": "/create-an-account/",
}


def spellings(name: str, domain: str) -> list[str]:
    """Ways to write one address; `domain` has a letter that punycode encodes."""
    puny = domain.encode("idna").decode()
    plain = f"{name}@{domain}"
    return [
        plain,
        f"{name}@{puny}",
        f"{name}@{puny.upper()}",
        f"{name.upper()}@{domain.upper()}",
        f"{name}@{unicodedata.normalize('NFD', domain)}",
        f"{name}@{wide(domain.partition('.')[0])}.{domain.partition('.')[2]}",
        f"{wide(name)}@{domain}",
        f"{wide(name)}@{puny}",
        f"{name}@{domain.replace('.', '。')}",
        f" {plain} ",
    ]


def wide(text: str) -> str:
    """The same letters at full width, as keyboards for Japanese write them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def attack(world: World) -> Iterator[Attempt]:
    tag = world.database[:2].lower()
    for number, (what, path) in enumerate(FORMS.items()):
        if world.short and number:
            continue
        yield _flooded(world, what, path, f"{tag}{number}")


def _flooded(world: World, what: str, path: str, tag: str) -> Attempt:
    # A sign-up takes long on purpose: its password is hashed.
    count = world.pick(12, 20 if path == FORMS["sign-ups"] else 60)
    plain = f"plain{tag}@b\u00fccher-{tag}.example"
    allowed = _mails(world, path, [plain], count, f"plain{tag}", f"{plain.partition('@')[2]}")
    must(allowed, f"no mail came from {path}")
    if allowed >= count:
        return Attempt(f"{what} to one address", False, f"{allowed} of {count} mails came", count)
    domain = f"stra\u00dfen-{tag}.example".replace("\u00df", "\u00fc")
    spelled = spellings(f"victim{tag}", domain)
    got = _mails(world, path, spelled, count, f"victim{tag}", domain)
    return Attempt(
        f"{what} to one mailbox under {len(spelled)} spellings: no more mails than under one",
        got <= allowed,
        f"{got} mails came for {count} requests; under one spelling {allowed}",
        count,
    )


def _mails(
    world: World, path: str, addresses: list[str], count: int, name: str, domain: str
) -> int:
    """How many mails come to a mailbox for so many requests, each from a network address anew."""
    before = len(_to(world, name, domain))
    answered = 0
    for number in range(count):
        form = {"email": addresses[number % len(addresses)]}
        if path == FORMS["sign-ups"]:
            form |= {"first_name": "Pat", "last_name": "P", "password1": "a-very-Long-word-77"}
        answered += Visitor(world.site).post(path, form).status in {200, 302, 429}
    if answered < count:
        raise CouldNotTry(f"{count - answered} of {count} requests to {path} got no usual answer")
    world.answered()
    return len(_to(world, name, domain)) - before


def _to(world: World, name: str, domain: str) -> list[str]:
    """The mails of a mailbox, as a mail server that knows its own address sorts them."""
    return [
        mail.to
        for mail in world.box.mails()
        if mailbox_of(mail.to) == mailbox_of(f"{name}@{domain}")
    ]


def mailbox_of(address: str) -> str:
    """What an address means: compatible letters alike, the domain as it is looked up."""
    local, _, domain = unicodedata.normalize("NFKC", address.strip()).casefold().rpartition("@")
    try:
        found = domain.replace("。", ".").encode("idna").decode()
    except UnicodeError:
        found = domain
    return f"{local}@{found}"
