"""The mail server of the attacks: keeps what it is given, and can be slow or short of patience."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tools.attack.frame import until

CODE = re.compile(r"^ {4,}(\S[\S ]*\S)\s*$", re.MULTILINE)
LINK = re.compile(r"https?://[^\s/]+(/(?:invitation|forgotten)/\S+)")


@dataclass(frozen=True)
class Mail:
    """One message as it came; `at` by the monotonic clock."""

    to: str
    subject: str
    text: str
    message_id: str
    at: float

    @property
    def code(self) -> str:
        """The code in it, or "" where there is none."""
        found = CODE.search(self.text)
        return found[1] if found else ""

    @property
    def link(self) -> str:
        """The path of the keyed link in it, or ""."""
        found = LINK.search(self.text)
        return found[1] if found else ""


class Mailbox:
    """`delay`: seconds that each message takes. `closes`: hangs up after each message.

    `refuses`: takes none for now.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.closes = False
        self.refuses = False
        self._controller: Controller | None = None
        self.connections = 0
        self.port = 0
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 Not now"
        if self.delay:
            await asyncio.sleep(self.delay)
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = message.get_body(("plain",))
        text = part.get_content() if part is not None else ""
        with self._lock:
            for address in envelope.rcpt_tos:
                self._mails.append(
                    Mail(
                        address,
                        str(message["Subject"]),
                        text,
                        str(message["Message-ID"]),
                        time.monotonic(),
                    )
                )
        if self.closes:
            await server.push("250 OK")
            server.transport.close()
        return "250 OK"

    def open(self) -> None:
        """Listen, always at the one port."""
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True
        )
        self._controller.start()

    def shut(self) -> None:
        """Nobody answers at the port any more."""
        if self._controller is not None:
            self._controller.stop()
        self._controller = None

    def mails(self, to: str = "") -> list[Mail]:
        """What has come; `to`: at this address."""
        with self._lock:
            return [mail for mail in self._mails if to in {"", mail.to.lower()}]

    def next_to(self, to: str, before: int, *, seconds: float = 8, with_a: str = "") -> Mail | None:
        """The mail to an address that comes after so many; None when time is up.

        `with_a`: “code” or “link”: the first that has one.
        """

        def come() -> list[Mail]:
            return [m for m in self.mails(to)[before:] if not with_a or getattr(m, with_a)]

        found = until(come, seconds=seconds, pause=0.02)
        return found[0] if found else None


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on a free port of this machine, which ends with the block."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box.port = probe.getsockname()[1]
    box.open()
    try:
        yield box
    finally:
        box.shut()
