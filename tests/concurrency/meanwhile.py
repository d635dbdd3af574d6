"""Somebody acts while another stands in the middle of something."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

WITHIN = 20  # seconds


class Meanwhile:
    """Lets somebody act in a thread of their own while another act stands at one of its steps.

    `around(step)` gives the step back with a halt before it, the first time: until the other has
    done, or has to wait for this one's lock.
    """

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._begun = threading.Event()
        self._backend: int | None = None  # of PostgreSQL
        self.is_done_before_the_step: bool | None = None
        self.outcome: object = None

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            if self._thread.ident is None:
                self._thread.start()
                self._halt()
                self.is_done_before_the_step = not self._thread.is_alive()
            return step(*given, **named)

        return stepped

    def end(self) -> object:
        """What the other gave, or the exception that it raised."""
        self._thread.join(WITHIN)
        assert not self._thread.is_alive(), "the other is still at it"
        return self.outcome

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            if connection.vendor == "postgresql":
                self._backend = connection.connection.info.backend_pid
            with connection.execute_wrapper(self._note):
                self.outcome = self._act()
        except Exception as error:
            self.outcome = error
        finally:
            connection.close()
            self._begun.set()

    def _note(self, execute: Any, sql: str, *given: Any) -> Any:
        if not sql.startswith("SELECT"):
            self._begun.set()
        return execute(sql, *given)

    def _halt(self) -> None:
        """On SQLite whoever wants to write waits; on PostgreSQL the server tells who waits."""
        if connection.vendor != "postgresql":
            assert self._begun.wait(WITHIN)
            return
        while self._thread.is_alive() and not self._is_waiting():
            self._thread.join(0.01)

    def _is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self._backend or 0])
            return bool(cursor.fetchone()[0])
