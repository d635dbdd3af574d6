"""The body and its rules wherever the database is used, the cast, and no way out to the network."""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from portal.core.models import BodyDetails
from portal.people.models import Person
from tests import factories
from tests.processes import made_once, new_installation, set_up

_LOOPBACK = ("127.", "::1", "localhost")


def pytest_configure() -> None:
    """Let sockets reach this machine only: a test that asks the network fails."""
    gc.set_threshold(50_000, 20, 50)  # looking for rubbish at Python's own pace is a tenth of a run
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(_LOOPBACK):
            raise RuntimeError(f"A test wanted to reach {address[0]}: tests stay on the machine")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]


def pytest_collection_finish() -> None:
    """What is there before the first test stays: nobody need look for rubbish in it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long first, so that in the end no worker waits for another; on PostgreSQL only
    what uses the database: the rest has run on SQLite."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if settings.SQLITE:
        return
    config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
    items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    wanted = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(wanted) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Enter the body and its rules once; tests see them and roll back to them."""
    with django_db_blocker.unblock():
        factories.body()
        factories.rules()


@pytest.fixture(autouse=True)
def body(request: pytest.FixtureRequest) -> Iterator[BodyDetails | None]:
    """The body's details, wherever the database is used (again after a test that emptied it)."""
    if not _uses_database(request.node):
        yield None
        return
    marked = request.node.get_closest_marker("django_db")
    commits = marked is not None and marked.kwargs.get("transaction", False)
    commits = commits or "transactional_db" in request.fixturenames
    if commits:
        request.getfixturevalue("transactional_db")
        _empty_the_queue()
    else:
        request.getfixturevalue("db")
    found = BodyDetails.objects.select_related("body").first()
    if found is None:
        found = factories.body()
        factories.rules()
    yield found
    if commits:
        cache.clear()  # its table is not emptied with the others


def _empty_the_queue() -> None:
    """Procrastinate's tables are not emptied with the others."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run, for all its workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def installed(shared: Path) -> Callable[[Path], dict[str, str]]:
    """`installed(folder)`: the environment of an installation there, which `portal setup` has made
    ready: a copy of one, since a setup takes seconds. What is about setup itself runs it."""

    def install(folder: Path) -> dict[str, str]:
        shutil.copytree(made_once(shared, "installation", set_up), folder, dirs_exist_ok=True)
        return new_installation(folder)

    return install


@pytest.fixture
def alice(db: None) -> Person:
    return factories.alice()


@pytest.fixture
def bob(db: None) -> Person:
    return factories.bob()


@pytest.fixture
def charlie(db: None) -> Person:
    return factories.charlie()


@pytest.fixture
def sam(db: None) -> Person:
    return factories.sam()


@pytest.fixture
def client_of() -> Callable[[Person], Client]:
    """`client_of(alice)`: a browser in which alice is signed in."""
    return factories.client_of
