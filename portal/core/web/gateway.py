"""The WSGI application behind Granian's own interface (RSGI), where headers keep their names.

In a WSGI environ `X_Forwarded_For` and `X-Forwarded-For` are one key, and Granian's WSGI keeps the
later of the two: a visitor could write over what the proxy said. Here a header whose name has an
underscore is left out, whoever sent it (docs/decisions/0015-headers-of-a-proxy.md).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from portal.core.web.request_bounds import MOST_BODY

# Seconds that a visitor has to send what they announced.
BODY_WITHIN = 30.0
DECIDING = frozenset({"cookie", "host", "forwarded", "x-forwarded-for", "x-forwarded-proto"})
PLAIN = [("content-type", "text/plain; charset=utf-8")]
UNREADABLE = (
    "Your browser sent letters that the portal cannot read ({}). Delete the cookies for this "
    "site and the sites it belongs to, then try again.\n"
)
# A page is sent whole; what is longer, as it comes.
WHOLE = 1024 * 1024
CHUNK = 64 * 1024

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Gateway:
    """Answers each request on one of so many threads of its own."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self.application = application
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="web")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if lost := lost_header(scope.headers):
            protocol.response_str(400, PLAIN, UNREADABLE.format(lost))
            return
        environ = environ_of(scope)
        try:
            body = await asyncio.wait_for(_body(environ, protocol), BODY_WITHIN)
        except TimeoutError:
            protocol.response_str(408, PLAIN, "This took too long to arrive. Send it again.\n")
            return
        environ["wsgi.input"] = BytesIO(body)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.threads, self._answer, environ, protocol, loop)

    def _answer(self, environ: Environ, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started[:] = [int(status.split(" ", 1)[0]), headers]

        parts = self.application(environ, start)
        try:
            _send(parts, started, protocol, loop)
        finally:
            if close := getattr(parts, "close", None):
                close()


def _send(
    parts: Iterable[bytes], started: list[Any], protocol: Any, loop: asyncio.AbstractEventLoop
) -> None:
    waiting, size, stream = [], 0, None
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= (CHUNK if stream else WHOLE):
            stream = stream or protocol.response_stream(*started)
            _wait_for(stream.send_bytes(b"".join(waiting)), loop)
            waiting, size = [], 0
    if stream is None:
        protocol.response_bytes(*started, b"".join(waiting))
    elif waiting:
        _wait_for(stream.send_bytes(b"".join(waiting)), loop)


async def _body(environ: Environ, protocol: Any) -> bytes:
    """What a visitor sends, read before a thread is taken: who is slow keeps nobody waiting.

    More than the portal takes is left unread: it is refused by its length (request_bounds.py).
    """
    length = environ.get("CONTENT_LENGTH", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 19):
        return b""
    return bytes(await protocol()) if 0 < int(length) <= MOST_BODY else b""


def lost_header(headers: Any) -> str | None:
    """A header by which we decide something and whose value Granian could not read, being no ASCII.

    Without it a browser with a stranger's cookie would lose its session for no reason it is told,
    and a visitor behind a proxy would be taken for the proxy.
    """
    readable = {name for name, _ in headers.items()}
    return next((name for name in headers.keys() if name in DECIDING - readable), None)  # noqa: SIM118


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable


def _wait_for(awaitable: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """From one of our threads: what the loop's thread makes of this."""
    return asyncio.run_coroutine_threadsafe(_as_coroutine(awaitable), loop).result()


def environ_of(scope: Any) -> Environ:
    """The request as WSGI has it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    if scope.authority and "HTTP_HOST" not in environ:  # HTTP/2 has no Host
        environ["HTTP_HOST"] = scope.authority
    return environ
