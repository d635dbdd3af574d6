"""A backup made while the portal works, and the portal that comes out of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portal.core.machine.backup import CannotBackUp, back_up
from portal.core.models import BodyDetails
from tests.processes import environment, new_installation, run

pytestmark = pytest.mark.long

# --- SQLite --------------------------------------------------------------------------------
# Pairs of rows, each pair in a transaction: half a pair is never to be seen.
WRITES = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
print("begun", flush=True)
while True:
    database.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        database.execute("INSERT INTO pairs (words) VALUES (?)", ["x" * 2000])
    database.execute("COMMIT")
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One of SQLite as the portal keeps it, with enough in it for a copy to take a while."""
    path = tmp_path / "portal.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE pairs (id INTEGER PRIMARY KEY, words TEXT)")
        made.executemany("INSERT INTO pairs (words) VALUES (?)", [["y" * 2000]] * 4000)
        made.commit()
    return path


@pytest.fixture
def writer(database: Path) -> Iterator[None]:
    """Another process that writes to it all the time."""
    words = [sys.executable, "-c", WRITES, str(database)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


def pairs(file: Path) -> int:
    with closing(sqlite3.connect(file)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count: int = opened.execute("SELECT count(*) FROM pairs").fetchone()[0]
    return count


def test_a_database_with_nothing_in_it_is_no_backup(tmp_path: Path) -> None:
    """As a command leaves it that was pointed at the wrong folder."""
    database = tmp_path / "portal.sqlite3"
    sqlite3.connect(database).close()
    database.touch()

    with pytest.raises(CannotBackUp, match="is empty"):
        back_up(database, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


def test_it_is_whole_while_another_process_writes(
    database: Path, writer: None, tmp_path: Path
) -> None:
    counts = []
    for number in range(3):
        back_up(database, tmp_path / f"{number}.sqlite3")
        counts.append(pairs(tmp_path / f"{number}.sqlite3"))

    assert [count % 2 for count in counts] == [0, 0, 0]
    assert counts == sorted(counts)
    assert counts[0] >= 4000


def test_it_is_one_file_that_only_its_owner_reads(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    size = back_up(database, folder / "portal.sqlite3")

    assert [path.name for path in folder.iterdir()] == ["portal.sqlite3"]
    assert (folder / "portal.sqlite3").stat().st_mode & 0o777 == 0o600
    assert (folder / "portal.sqlite3").stat().st_size == size


def test_of_two_at_once_one_is_kept_whole(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    refused: list[str] = []

    def one() -> None:
        try:
            back_up(database, file)
        except CannotBackUp as error:
            refused.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert pairs(file) == 4000


def test_a_file_that_is_there_is_kept(database: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("of yesterday")

    with pytest.raises(CannotBackUp, match="already exists"):
        back_up(database, tmp_path / "kept")

    assert (tmp_path / "kept").read_text() == "of yesterday"


@pytest.mark.parametrize("damage", ["no database", "no folder", "damaged"])
def test_where_it_cannot_be_nothing_is_left(database: Path, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "new"
    if damage == "no database":
        database.unlink()
    elif damage == "no folder":
        file = tmp_path / "nowhere" / "new"
    else:
        with database.open("r+b") as opened:
            opened.seek(4096 * 100)
            opened.write(b"\xff" * 4096 * 50)

    with pytest.raises(CannotBackUp):
        back_up(database, file)

    assert [path for path in tmp_path.iterdir() if not path.name.startswith(database.name)] == []


@pytest.mark.house
def test_the_command_and_the_way_back(
    tmp_path: Path, installed: Callable[[Path], dict[str, str]]
) -> None:
    """`portal backup FILE`, another portal on that file: what was entered is there."""
    env = new_installation(tmp_path / "one")
    file = tmp_path / "backup.sqlite3"
    assert run("backup", str(file), env=env).stderr.startswith("There is no database at ")
    env = installed(tmp_path / "one")
    named = ["Copied Body", "--short-name", "CB", "--email", "office@example.org"]
    told = ["--phone", "0113 496 0677", "--address", "1 Row, Leeds"]
    assert run("body", *named, *told, env=env).returncode == 0

    done = run("backup", str(file), env=env)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file} holds the whole database, {file.stat().st_size:,} bytes.\n"
    again = run("backup", str(file), env=env)
    assert again.stderr == f"{file} already exists. Give the name of a new file.\n"
    assert again.returncode == 2
    (tmp_path / "two").mkdir()
    shutil.copy(file, tmp_path / "two" / "portal.sqlite3")
    restored = new_installation(tmp_path / "two")
    assert run("setup", "--quiet", env=restored).returncode == 0
    twice = run("body", *named, *told, env=restored)
    assert twice.stderr.startswith("This portal already has a body.")


# --- PostgreSQL ----------------------------------------------------------------------------
def binary(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"There is no {name} on this machine (Debian: apt install postgresql-client).")
    return found


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:
    """A second database on the server of the tests."""
    if settings.SQLITE:
        pytest.skip("SQLite has `portal backup`.")
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def ask(words: list[str]) -> subprocess.CompletedProcess[str]:
    """A program of PostgreSQL, with the server of the tests."""
    cell = connection.settings_dict
    env = {
        "PGHOST": cell["HOST"],
        "PGPORT": str(cell["PORT"]),
        "PGUSER": cell["USER"],
        "PGPASSWORD": cell["PASSWORD"],
    }
    said = os.environ | {name: value for name, value in env.items() if value}
    return subprocess.run(words, env=said, capture_output=True, text=True, check=False)


@pytest.mark.django_db(transaction=True)
def test_a_dump_goes_into_an_empty_database_without_an_error(
    empty_database: str, tmp_path: Path
) -> None:
    dump, restore = binary("pg_dump"), binary("pg_restore")
    file = str(tmp_path / "portal.dump")
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10000
    client = int(ask([dump, "--version"]).stdout.split()[2].split(".")[0])
    if client < server:
        pytest.skip(f"This machine's pg_dump is {client}, older than the server, {server}.")

    dumped = ask([dump, "--format=custom", f"--file={file}", name])
    words = ["--clean", "--if-exists", "--single-transaction", f"--dbname={empty_database}"]
    restored = ask([restore, *words, file])
    over_itself = ask([restore, *words, file])

    for done in (dumped, restored, over_itself):
        assert (done.returncode, done.stderr) == (0, "")
    other = connection.copy()
    other.settings_dict["NAME"] = empty_database
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT name FROM core_bodydetails")
            assert cursor.fetchall() == [(BodyDetails.objects.get().name,)]
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
            there = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
            assert there == cursor.fetchone()
            assert there[0] > 5
    finally:
        other.close()
    url = environment()["DATABASE_URL"].rpartition("/")[0] + f"/{empty_database}"
    checked = run("setup", "--check", env=environment(DATABASE_URL=url))
    assert "The database is not up to date" not in checked.stdout
    assert checked.stderr == ""


@pytest.mark.django_db
def test_on_postgresql_the_command_names_the_one_to_use(tmp_path: Path) -> None:
    if settings.SQLITE:
        pytest.skip("On SQLite it makes the copy.")
    refused = run("backup", str(tmp_path / "file"), env=environment())

    assert refused.returncode == 2
    assert refused.stderr.startswith("The portal is on PostgreSQL, which has its own command:")
    assert "`pg_dump --format=custom --file=" in refused.stderr
