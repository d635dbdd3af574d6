"""The cache in the database, which says so when it cannot write.

Django's takes an error for “somebody else was quicker” and goes on. Rate limits live here: to them
a full disk would be a visitor who tries too often (429).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction

from portal.core.machine.faults import fault_of


class TellingCache(DatabaseCache):
    """Raises the error of the database where that is the machine's fault."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self._telling():
            return super().add(key, value, timeout, version)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        with self._telling():
            super().set(key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self._telling():
            return super().touch(key, timeout, version)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """The transaction is ours, so that an error of its commit comes out too."""
        using = router.db_for_write(self.cache_model_class)
        errors: list[Exception] = []

        def note(execute: Callable[..., Any], *args: Any) -> Any:
            try:
                return execute(*args)
            except Exception as error:
                if fault_of(error):
                    errors.append(error)
                raise

        with transaction.atomic(using=using), connections[using].execute_wrapper(note):
            yield
            if errors:
                raise errors[0]
