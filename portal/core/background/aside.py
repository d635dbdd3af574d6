"""Running a job beside the loop, so that one waiting for another machine holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from portal.core.background.registry import is_stopping


class Aside(threading.Thread):
    """A job in its own thread, which ends with it; again where it was wanted meanwhile."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name)
        self._work = work
        self._lock = threading.Lock()
        self._wanted = True
        self._is_over = False

    def goes_round_again(self) -> bool:
        """Want it again; False where it has ended and another is to be begun."""
        with self._lock:
            self._wanted = True
            return not self._is_over

    def run(self) -> None:
        try:
            while self._goes_on():
                self._work()
        finally:
            connection.close()

    def _goes_on(self) -> bool:
        with self._lock:
            goes_on, self._wanted = self._wanted and not is_stopping(), False
            self._is_over = not goes_on
            return goes_on
