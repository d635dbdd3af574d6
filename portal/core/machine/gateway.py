"""The WSGI application behind Granian's own interface (RSGI), where headers keep their names.

In a WSGI environ `X_Forwarded_For` and `X-Forwarded-For` are one key, and Granian's WSGI keeps the
later of the two: a visitor could write over what the proxy said. Here a header whose name has an
underscore is left out, whoever sent it (docs/decisions/0015-headers-of-a-proxy.md).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader, BytesIO, RawIOBase
from typing import Any

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
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.threads, self._answer, scope, protocol, loop)

    def _answer(self, scope: Any, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        environ = environ_of(scope)
        has_body = environ.get("CONTENT_LENGTH", "0") != "0"
        environ["wsgi.input"] = (
            BufferedReader(Body(protocol, loop), CHUNK) if has_body else BytesIO()
        )
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


class Body(RawIOBase):
    """What a visitor sends, read as the application asks for it, and not before."""

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.chunks: AsyncIterator[bytes] = aiter(protocol)
        self.loop = loop
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            chunk: bytes | None = _wait_for(_next(self.chunks), self.loop)
            if chunk is None:
                return 0
            self.rest = bytes(chunk)
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    try:
        return await anext(chunks)
    except StopAsyncIteration:
        return None


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
