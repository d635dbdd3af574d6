"""The mail server of the document's settings: mail.example.org, port 587, STARTTLS, a password."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "mail.example.org"
PORT = 587


class Kept:
    """The messages that came, the newest last; `wait_for` gives the next to an address."""

    def __init__(self) -> None:
        self._messages: list[tuple[str, EmailMessage]] = []
        self._news = threading.Condition()

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if not (session.ssl and session.authenticated):
            return "530 Sign in first"
        content = envelope.content
        message = message_from_bytes(
            content if isinstance(content, bytes) else b"", policy=policy.default
        )
        with self._news:
            self._messages += [(str(address), message) for address in envelope.rcpt_tos]
            self._news.notify_all()
        return "250 OK"

    def wait_for(self, address: str, *, seconds: float = 60) -> str:
        """The text of the first message to it, taken out. Raises TimeoutError."""

        def found() -> int | None:
            return next((i for i, (to, _) in enumerate(self._messages) if to == address), None)

        with self._news:
            if not self._news.wait_for(lambda: found() is not None, timeout=seconds):
                raise TimeoutError(f"no mail came to {address} within {seconds:.0f} s")
            _, message = self._messages.pop(found() or 0)
        body = message.get_body(("plain",))
        return str(body.get_content()) if body else ""


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """One for a name that signs itself, and its key."""
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    words += ["-keyout", str(key), "-out", str(made)]
    subprocess.run(words, check=True, capture_output=True)
    return made, key


@contextmanager
def mail_server(folder: Path, *, user: str, password: str) -> Iterator[Kept]:
    """It, on this loopback; its certificate is left in the folder as `mail.example.org.crt`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate(folder, HOST))

    def authenticate(*words: Any) -> AuthResult:
        given = words[-1]
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=given == right)

    # It warns of what it does itself when somebody signs in.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    kept = Kept()
    controller = Controller(
        kept,
        hostname="127.0.0.1",
        port=PORT,
        tls_context=context,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()
