"""The command `portal` tells what it can do, in words."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class

from portal import cli
from portal.core.models import BodyDetails
from portal.people.models import Person

DJANGOS = ("--version", "-v ", "--verbosity", "--settings", "--pythonpath", "--traceback")
DJANGOS += ("--no-color", "--force-color", "--skip-checks")


def test_help_names_every_command(capsys):
    cli.main(["--help"])

    told = capsys.readouterr().out
    assert all(f"portal {name} " in told for name in cli.COMMANDS)


@pytest.mark.parametrize("name", [command for command, _ in cli.COMMANDS.values()])
def test_every_command_is_there_and_explains_itself(name):
    app = get_commands()[name]
    parser = load_command_class(app, name).create_parser("portal", name)

    assert app.startswith("portal.")
    assert len(parser.description) > 30
    undescribed = [action.dest for action in parser._actions if not action.help]
    assert not undescribed


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_its_help_calls_it_as_people_do_and_hides_what_developers_use(name, capsys):
    command, _ = cli.COMMANDS[name]
    parser = load_command_class(get_commands()[command], command).create_parser("portal", command)

    told = parser.format_help()

    assert told.startswith(f"usage: portal {name} [-h]")
    assert [option for option in DJANGOS if option in told] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import"], "Say which command of `portal import` to run."),
        (["staff"], "Say which command of `portal staff` to run."),
        (["payment"], "Say which command of `portal payment` to run."),
        (["import", "cats"], "There is no command “import cats”."),
        (["staff", "remove"], "There is no command “staff remove”."),
    ],
)
def test_half_a_command_tells_the_whole_ones_of_its_group(words, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)

    first, empty, *rows = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert (first, empty) == (said, "")
    names = [name for name in cli.COMMANDS if name.split()[0] == words[0]]
    assert [row.strip().split("  ")[0].removeprefix("portal ") for row in rows] == names


@pytest.mark.django_db
def test_a_command_that_needs_the_body_says_how_to_name_it(monkeypatch, capsys):
    """Django's own way of running one closes the test's connection: it is left out here."""
    monkeypatch.setattr(cli, "_run", lambda words: call_command(*words))
    BodyDetails.objects.all().delete()

    with pytest.raises(SystemExit) as stopped:
        cli.main(["staff", "add", "nora@example.org", "--first-name=Nora", "--last-name=New"])

    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "The body has no details yet. To enter them, see `portal body --help`.\n"
    )
    assert not Person.objects.exists()


def portal(*words, **environment):
    """The command in a process of its own, as people start it."""
    return subprocess.run(
        [sys.executable, "-m", "portal", *words],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_there_is_not():
    done = portal("frob")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no command “frob”. For a list, run `portal --help`.\n"


def test_djangos_own_commands_work():
    assert portal("version").returncode == 0


def test_what_follows_two_dashes_is_a_value():
    """It comes as far as the database, which has no tables here."""
    done = portal("payment", "000123", "--", "-5", "2026-11-24")

    assert done.returncode == 2
    assert "unrecognized arguments" not in done.stderr
    assert "database" in done.stderr


def test_a_database_that_cannot_be_reached_is_told_as_such():
    """`portal setup` would not help. Nothing listens on port 1."""
    done = portal("invite", DATABASE_URL="postgres://portal@127.0.0.1:1/portal")

    assert done.returncode == 2
    assert "The portal cannot reach the database. Check DATABASE_URL. " in done.stderr
    assert "portal setup" not in done.stderr


@pytest.mark.skipif(settings.SQLITE, reason="only a server has databases and roles")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [("no_such_database", "cannot reach"), ("postgres", "Run `portal setup`")],
)
def test_a_database_that_is_not_there_and_one_without_tables(name, said):
    """PostgreSQL says of both that something “does not exist”."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")

    done = portal("invite", DATABASE_URL=f"{server}/{name}")

    assert done.returncode == 2
    assert said in done.stderr


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "portal.sqlite3"
    path.write_text("This is a letter, and no database at all. " * 40)

    done = portal("setup", DATABASE_URL=f"sqlite:///{path}")

    assert done.returncode == 2
    assert done.stderr.startswith("The database file is not an SQLite file. Check DATABASE_URL.")
    assert path.read_text().startswith("This is a letter")


@pytest.mark.skipif(not settings.SQLITE, reason="once is enough")
def test_a_worker_does_not_run_without_tables(tmp_path):
    done = portal("worker", DATABASE_URL=f"sqlite:///{tmp_path / 'portal.sqlite3'}")

    assert done.returncode == 2
    assert done.stderr == (
        f"There is no database at {tmp_path / 'portal.sqlite3'} yet. Run `portal setup`, or "
        "check that PORTAL_DATA names the right folder.\n"
    )
    assert not (tmp_path / "portal.sqlite3").exists()
