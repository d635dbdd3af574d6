"""What the attacks of one database share: a portal with people in it, served, and its mail."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import postgresql
from tools.attack.frame import dice, must, until
from tools.attack.mailbox import Mailbox, mailbox
from tools.attack.sites import Running, Site, founded, new_site
from tools.attack.visitors import Visitor

ALICE, BOB, CHARLIE, SAM = (f"{n}@example.org" for n in ("alice", "bob", "charlie", "sam"))
BOSS = "boss0@example.org"


@dataclass
class World:
    """`server`: the PostgreSQL that it uses, which may be stopped and started; None: SQLite."""

    site: Site
    box: Mailbox
    folder: Path
    short: bool
    seed: int
    cast: dict[str, Any]
    server: postgresql.Server | None = None
    _web: Running | None = None
    _signed_in: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def web(self) -> Running:
        """`portal serve` with the worker beside it, started where it is not there."""
        if self._web is None or not self._web.is_up():
            self._web = self.site.serve("--with-worker")
        return self._web

    def stop_web(self) -> None:
        if self._web is not None:
            self._web.stop()
        self._web = None

    def dice(self, *names: str) -> random.Random:
        return dice(self.seed, self.database, *names)

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.server else "SQLite"

    def pick(self, short: int, full: int) -> int:
        """How often: in the short form, and in full."""
        return short if self.short else full

    def visitor(self, email: str = "", **more: Any) -> Visitor:
        """A browser of a new address; signed in by password where an email is given.

        Raises CouldNotTry where the sign-in fails.
        """
        self.web  # noqa: B018 - started here
        made = Visitor(self.site, **more)
        if not email:
            return made
        if email not in self._signed_in or not self._still(email):
            must(made.sign_in(email), f"{email} could not sign in")
            self._signed_in[email] = dict(made.cookies)
        made.cookies.update(self._signed_in[email])
        return made

    def _still(self, email: str) -> bool:
        known = Visitor(self.site)
        known.cookies.update(self._signed_in[email])
        return known.is_signed_in()

    def answered(self, *, seconds: float = 6) -> None:
        """Wait until what was asked for by email is answered: jobs do it, within a second."""
        time.sleep(1.2)
        self.drained(seconds=seconds)

    def drained(self, *, seconds: float) -> bool:
        """Wait until no request waits for its mail, and no mail is due that has not been tried;
        whether it came to that."""
        untried = {"sent_at": None, "given_up_at": None, "attempts": 0}

        def waiting() -> bool:
            asked = self.site.inside("count", model="accounts.MailRequest")
            return bool(
                asked or self.site.inside("count", model="core.OutgoingMail", where=untried)
            )

        return bool(until(lambda: not waiting(), seconds=seconds, pause=0.2))

    def people(self, count: int, name: str, **more: Any) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = self.site.inside("people", count=count, name=name, **more)
        return made

    def people_with_sessions(self, count: int, name: str) -> list[Visitor]:
        made = self.people(count, name)
        return [Visitor(self.site, session=one["session"]) for one in made]


@contextmanager
def world(folder: Path, *, short: bool, seed: int, on_postgresql: bool) -> Iterator[World]:
    """A portal on a database, made by its own commands. Raises NoPostgres, CouldNotTry."""
    with ExitStack() as stack:
        box = stack.enter_context(mailbox())
        server, env = None, {}
        if on_postgresql:
            server = stack.enter_context(
                # It is stopped in the midst of its work, and must not lose what it has committed.
                postgresql.server(synchronous_commit="on")
            )
            env["DATABASE_URL"] = server.url
        site = new_site(folder / "site", mail_port=box.port, **env)
        stack.callback(site.close)
        founded(site)
        made = World(site, box, folder, short, seed, site.inside("cast"), server)
        yield made
