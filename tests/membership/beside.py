"""Another import beside this one, with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from portal.core.rows.locking import alone


@contextmanager
def import_lock_held_elsewhere() -> Iterator[None]:
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with alone("import") as is_alone:
                assert is_alone
                taken.set()
                done.wait()
        finally:
            taken.set()
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()
