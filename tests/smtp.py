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
    """`taken`: the messages it accepted. `refusals`: address to answer, such as "550 nobody"."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.stalls_after: int | None = None
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
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._news:
            self.taken.append(message)
            self._news.notify_all()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]

    def wait_for(self, count: int, *, seconds: float = 20) -> None:
        """Until it has taken so many messages. Raises AssertionError when time is up."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.taken) >= count, timeout=seconds), (
                f"{len(self.taken)} of {count} mails came within {seconds} s"
            )


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
