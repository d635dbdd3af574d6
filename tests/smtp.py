"""A mail server on this machine that keeps what it is given, and can be told to be difficult."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class MailServer:
    """`taken`: the messages it accepted. `refusals`: address to answer, such as "550 nobody".

    `closes_after`: it hangs up without a word after so many messages of a connection. `drops`:
    addresses at which it hangs up each time, at the command that is given with them: "RCPT", or
    "DATA", then with the whole message in hand. `says_421`: so many times it answers MAIL with 421.
    `seconds`: how long it takes over a message. `connections`: how many it has been greeted on.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.stalls_after: int | None = None
        self.closes_after: int | None = None
        self.drops: dict[str, str] = {}
        self.says_421 = 0
        self.seconds = 0.0
        self.connections = 0
        self.stalled = threading.Event()
        self._news = threading.Condition()
        self.port = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.stalls_after is not None and len(self.taken) >= self.stalls_after:
            self.stalled.set()
            while self.stalls_after is not None:
                await asyncio.sleep(0.01)
            return "451 Ask again"
        if self.says_421:
            self.says_421 -= 1
            await server.push("421 Closing")
            return _hang_up(server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.drops.get(address) == "RCPT":
            return _hang_up(server)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.seconds)
        if any(self.drops.get(address) == "DATA" for address in envelope.rcpt_tos):
            return _hang_up(server)
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._news:
            self.taken.append(message)
            self._news.notify_all()
        session.count = getattr(session, "count", 0) + 1
        if session.count == self.closes_after:
            await server.push("250 OK")
            return _hang_up(server)
        return "250 OK"

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]

    def wait_for(self, count: int, *, seconds: float = 20) -> None:
        """Until it has taken so many messages. Raises AssertionError when time is up."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.taken) >= count, timeout=seconds), (
                f"{len(self.taken)} of {count} mails came within {seconds} s"
            )


def _hang_up(server: Any) -> str:
    """Close the connection; what is answered after that reaches nobody."""
    server.transport.close()
    return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        server.stalls_after = None
        controller.stop()
