"""A door before a server: shut, it drops whoever is inside and lets nobody in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Door:
    """Passes on what comes in at `port` to the server at `address`, while it is open."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.port = 0
        self._listener: socket.socket | None = None
        self._inside: list[socket.socket] = []

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._let_in, args=[listener], daemon=True).start()

    def shut(self) -> None:
        """As a server that is stopped: connections end, and new ones are refused."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in self._inside:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._inside.clear()

    def _let_in(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = listener.accept()
                host = socket.create_connection(self.address)
                self._inside += [visitor, host]
                for one, other in ((visitor, host), (host, visitor)):
                    threading.Thread(target=_pass_on, args=[one, other], daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@contextmanager
def door(host: str, port: int) -> Iterator[Door]:
    made = Door((host, port))
    made.open()
    try:
        yield made
    finally:
        made.shut()
