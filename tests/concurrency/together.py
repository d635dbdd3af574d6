"""Doing things at the same time: one thread each, all let go at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each act gave, or the exception that it raised, in the order given."""
    start = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], T]) -> T | Exception:
        try:
            start.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
