"""Several `portal setup` at once: one makes all ready, the others find it so."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.processes import environment, new_installation

pytestmark = pytest.mark.long


def at_once(envs):
    command = [sys.executable, "-m", "portal", "setup", "--quiet"]
    begun = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for env in envs
    ]
    return [(*process.communicate(), process.returncode) for process in begun]


def assert_one_made_all(done):
    assert [(status, said) for _, said, status in done] == [(0, b"")] * len(done)
    assert sum(b"Preparing the database" in told for told, _, _ in done) == 1
    assert sum(b"Waiting for another" in told for told, _, _ in done) >= 1


@pytest.mark.house
def test_three_on_one_machine(tmp_path):
    done = at_once([new_installation(tmp_path)] * 3)

    assert_one_made_all(done)
    assert sum(b"Collecting" in told for told, _, _ in done) == 1
    assert (tmp_path / "static" / "staticfiles.json").exists()


@pytest.fixture
def empty_database():
    """The name of a database of its own, on the server of the tests."""
    name = f"{connection.settings_dict['NAME']}_setup"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.skipif(settings.SQLITE, reason="on SQLite there is one machine")
@pytest.mark.django_db(transaction=True)
def test_three_on_as_many_machines(tmp_path, empty_database):
    """Each with a folder of its own: only the database is common to them."""
    url = f"{environment()['DATABASE_URL'].rpartition('/')[0]}/{empty_database}"
    envs = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        envs.append(environment(PORTAL_DATA=str(tmp_path / str(number)), DATABASE_URL=url))

    assert_one_made_all(at_once(envs))
