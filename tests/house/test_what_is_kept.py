"""docs/what-is-kept.md names every table and every job that deletes, and no other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps

from portal.core.background.registry import JOBS

pytestmark = pytest.mark.house
TEXT = Path("docs/what-is-kept.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if line.startswith("| ")][1:]


def named(column: int) -> Counter[str]:
    return Counter(name for row in ROWS for name in re.findall(r"`([^`]+)`", row[column]))


def test_every_table_stands_there_once() -> None:
    tables = {model._meta.label for model in apps.get_models()}
    # Procrastinate's tables are PostgreSQL's alone, and name no person.
    tables = {label for label in tables if not label.startswith("procrastinate.")}
    assert named(1) == Counter(tables)


def test_every_job_that_deletes_is_named() -> None:
    assert set(named(2)) == {name for name, job in JOBS.items() if job.forgets}


def test_every_table_of_people_has_its_time() -> None:
    assert [row[0] for row in ROWS if row[1].strip() and not row[2].strip()] == []
