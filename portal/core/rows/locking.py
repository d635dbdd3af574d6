"""Locks on rows, and a lock on a whole job.

An act locks what it is about to decide on once per transaction, as late as it can, and then
reads again what it has seen before. SQLite begins each write transaction IMMEDIATE (settings),
so there the whole database is the lock; PostgreSQL locks the rows.
"""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

M = TypeVar("M", bound=models.Model)


def lock(rows: models.QuerySet[M], *, for_deletion: bool = False) -> list[M]:
    """The rows, locked until the transaction ends, in the order of their keys.

    The one order for all keeps two acts that lock the same rows from waiting for each other.
    Other transactions may still add rows that refer to the locked ones (an order of a person whom
    an import has locked), unless `for_deletion`: then those wait, and nothing is deleted that
    somebody has just begun to refer to. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock() needs a transaction around it")
    return list(rows.select_for_update(of=("self",), no_key=not for_deletion).order_by("pk"))


def lock_one(rows: models.QuerySet[M]) -> M:
    """The one row, locked. Raises the model's DoesNotExist where there is none."""
    found = lock(rows)
    if len(found) != 1:
        raise rows.model.DoesNotExist(  # type: ignore[attr-defined]
            f"{len(found)} rows of {rows.model.__name__}, one expected"
        )
    return found[0]


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """True while no other process is inside `alone(name)`; the lock dies with its process.

    Meant around a transaction: inside one, the lock ends before that does, which is well only for
    whoever is alone at the database (the demo institute, into an empty one).
    """
    if connection.vendor == "postgresql":
        with _advisory_lock(zlib.crc32(name.encode())) as taken:
            yield taken
        return
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with (settings.DATA / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = True
        except BlockingIOError:
            taken = False
        yield taken


@contextmanager
def in_turn(name: str, *, waits: Callable[[], object]) -> Iterator[None]:
    """Wait until no other process is inside `in_turn(name)`, on this machine or, with PostgreSQL,
    on another; the lock dies with its process. The database is first reached inside.

    `waits` is called where one has to.
    """
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with (settings.DATA / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        key = zlib.crc32(name.encode())
        with _advisory_lock(key) as taken:
            if taken:
                yield
                return
        waits()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            _unlock(key)


@contextmanager
def _advisory_lock(key: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        taken = bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken:
            _unlock(key)


def _unlock(key: int) -> None:
    """Give the lock back; where the connection cannot, it goes, and the lock with it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    except DatabaseError:
        connection.close()
