"""A portal of the first walk, as it was, and updated as an office does it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.migrating.copying import in_the_place_of_the_tests
from tests.migrating.odd_rows import OddRows, enter_odd_rows, give_another_number

Rows = dict[str, dict[Any, dict[str, Any]]]


class Lines(logging.Handler):
    """The lines of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@dataclass
class Update:
    """`rows`: of the demo, as they were. `refused`: why it stopped at first."""

    rows: Rows
    odd: OddRows
    refused: str = ""
    logged: list[str] = field(default_factory=list)


@contextmanager
def updated(folder: Path, copy: dict[str, Any]) -> Iterator[Update]:
    """The copy with the odd rows, updated in two goes, is the database of the block."""
    with in_the_place_of_the_tests(folder, copy):
        update = Update(rows(), enter_odd_rows())
        lines, logger = Lines(), logging.getLogger("portal.accounts")
        logger.addHandler(lines)
        try:
            migrate()
        except CommandError as error:
            update.refused = str(error)
        give_another_number(update.odd)
        migrate()
        logger.removeHandler(lines)
        update.logged = lines.said
        yield update


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def rows() -> Rows:
    """Each row of each table, by its first column."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            of = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            found[table] = {row[columns[0]]: row for row in of}
    return found
