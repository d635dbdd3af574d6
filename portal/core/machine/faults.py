"""Faults of the machine that are nobody's mistake: the database is away, busy, full or read-only.

Told apart by SQLSTATE (PostgreSQL, appendix A of its manual), by SQLite's result codes
(sqlite.org/rescode.html) and by the errno of files. What is none of these is the portal's own
fault, and stays an error.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import Enum

from django.db import Error, InterfaceError


class Fault(Enum):
    """What is the matter with the machine."""

    AWAY = "away"
    REFUSED = "refused"  # it is there, and does not let the portal in
    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read-only"
    DISK = "disk"

    @property
    def passes(self) -> bool:
        """Who waits finds it gone: not so where the portal is not let in."""
        return self is not Fault.REFUSED

    @property
    def sentence(self) -> str:
        """For whoever looks after the machine: what it is, and what to do."""
        return _SENTENCES[self]


_SENTENCES = {
    Fault.AWAY: "The portal cannot reach the database. Check DATABASE_URL.",
    Fault.REFUSED: "The portal cannot reach the database. Check DATABASE_URL.",
    Fault.BUSY: "Another program is using the database. Try again when it has finished.",
    Fault.FULL: "There is no room left for the portal’s data. Free some space, then try again.",
    Fault.READ_ONLY: "The portal’s data is read-only. Make it writable, then try again.",
    Fault.DISK: "The portal’s data could not be read or written. Check the disk, then try again.",
}
# SQLSTATE by its class (the first two signs) or whole, the whole one first.
_STATES = {
    "08": Fault.AWAY,  # connection exception
    "57P01": Fault.AWAY,  # admin shutdown
    "57P02": Fault.AWAY,  # crash shutdown
    "57P03": Fault.AWAY,  # cannot connect now: it starts or stops
    "57P05": Fault.AWAY,  # idle session timeout
    "53300": Fault.AWAY,  # too many connections
    "53100": Fault.FULL,  # disk full
    "53": Fault.DISK,  # insufficient resources
    "58": Fault.DISK,  # system error, such as an I/O error
    "25006": Fault.READ_ONLY,  # read-only transaction
    "28": Fault.REFUSED,  # wrong password or role
    "3D": Fault.REFUSED,  # no such database
}
# SQLite's primary result codes: the lowest eight bits of the extended ones.
_CODES = {
    3: Fault.READ_ONLY,  # SQLITE_PERM
    5: Fault.BUSY,  # SQLITE_BUSY
    6: Fault.BUSY,  # SQLITE_LOCKED
    8: Fault.READ_ONLY,  # SQLITE_READONLY
    10: Fault.DISK,  # SQLITE_IOERR
    13: Fault.FULL,  # SQLITE_FULL
    14: Fault.REFUSED,  # SQLITE_CANTOPEN
}
_FILES = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EROFS: Fault.READ_ONLY,
    errno.EACCES: Fault.READ_ONLY,
    errno.EPERM: Fault.READ_ONLY,
    errno.EIO: Fault.DISK,
}
# While one connects there is no SQLSTATE: the server's own words follow “FATAL:”.
_SERVER_SAYS = "FATAL:"
_FOR_NOW = ("starting up", "shutting down", "in recovery", "not yet accepting", "too many", "slots")
_CLOSED = "connection already closed"


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault of the machine that this error, or what led to it, tells of.

    The innermost error that a driver raised decides: what is around it only repeats it.
    """
    for each in _with_causes(error):
        driver = type(each).__module__.partition(".")[0]
        if driver in {"psycopg", "psycopg_pool", "sqlite3"}:
            return _fault_of_driver(each)
        if isinstance(each, OSError) and each.errno in _FILES:
            # Without a file it is a connection that may not be made, as to a mail server.
            is_of_file = each.filename or each.errno not in {errno.EACCES, errno.EPERM}
            return _FILES[each.errno] if is_of_file else None
        if isinstance(each, InterfaceError) and _CLOSED in str(each):
            return Fault.AWAY
    return None


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The innermost first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        # Django's migrations raise an error of the database instead of another.
        error = error.__cause__ or (error.__context__ if isinstance(error, Error) else None)
    return reversed(chain)


def _fault_of_driver(error: BaseException) -> Fault | None:
    state = getattr(error, "sqlstate", None)
    if state:
        return _STATES.get(state) or _STATES.get(state[:2])
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _CODES.get(code & 0xFF)
    said = str(error)
    names = {parent.__name__ for parent in type(error).__mro__}
    if "OperationalError" not in names or type(error).__module__.startswith("sqlite3"):
        return Fault.AWAY if _CLOSED in said else None
    if _SERVER_SAYS in said and not any(words in said for words in _FOR_NOW):
        return Fault.REFUSED
    return Fault.AWAY
