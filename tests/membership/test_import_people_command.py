"""`portal import people FILE`: what is said, the report beside the file, the exit status."""

from __future__ import annotations

import csv
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.demo import institute
from portal.membership.management.commands.import_people import Command
from portal.membership.models import MembershipCategory
from portal.organisations.models import OrganisationType, RoleType
from portal.people.models import Person
from tests.membership.beside import import_lock_held_elsewhere
from tests.membership.people_files import CUSTOMER, MEMBER, csv_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "people.csv"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def portal(file: Path, *options: str) -> tuple[int, str, str]:
    """Exit status, what was said, and what was said of problems."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_people", str(file), *options, stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_good_rows(file: Path) -> None:
    file.write_text(csv_text(CUSTOMER, MEMBER))
    assert portal(file) == (0, "2 people: 2 added, 0 changed, 0 unchanged.\n", "")
    assert portal(file) == (0, "2 people: 0 added, 0 changed, 2 unchanged.\n", "")


def test_bad_rows(file: Path) -> None:
    file.write_text(csv_text(CUSTOMER | {"email": "=cmd()"}, MEMBER))
    status, out, err = portal(file)
    report = file.with_name("people.problems.csv")
    assert (status, out, Person.objects.count()) == (2, "", 0)
    assert err == (
        "line 2, email: “=cmd()” is not an email address: write it as in name@example.org\nIt "
        f"is also in {report}\nNothing was imported. Correct the problems listed here, then "
        "import the file again.\n"
    )
    with report.open(encoding="utf-8-sig", newline="") as rows:
        assert list(csv.DictReader(rows)) == [
            {
                "line": "2",
                "column": "email",
                "value": "'=cmd()",
                "sentence": "“=cmd()” is not an email address: write it as in name@example.org",
            }
        ]
    file.write_text(csv_text(CUSTOMER, MEMBER))
    assert portal(file)[0] == 0
    assert not report.exists()


def test_only_twenty_problems_are_shown_and_all_reported(file: Path) -> None:
    file.write_text(csv_text(*[{"title": "Dr", "email": f"{n}@x.org"} for n in range(1, 31)]))
    status, _, err = portal(file)
    assert status == 2
    assert err.count("last_name: Enter the name\n") == 20
    assert "… and 10 more.\n" in err
    report = file.with_name("people.problems.csv").read_text(encoding="utf-8-sig")
    assert report.count("Enter the name") == 30


def test_skip_bad(file: Path) -> None:
    file.write_text(csv_text(CUSTOMER | {"email": "@"}, MEMBER))
    status, out, err = portal(file, "--skip-bad")
    assert (status, Person.objects.count()) == (0, 1)
    assert out == "1 person: 1 added, 0 changed, 0 unchanged; 1 row skipped.\n"
    assert "line 2, email: “@” is not an email address" in err


def test_dry_run(file: Path) -> None:
    file.write_text(csv_text(MEMBER))
    said = "1 person: 1 added, 0 changed, 0 unchanged.\nThis was a dry run. Nothing was written.\n"
    assert portal(file, "--dry-run") == (0, said, "")
    assert Person.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (csv_text(MEMBER).replace(",", ";").encode(), "separated by semicolons, not commas"),
        (csv_text(MEMBER).replace("first_name", "forename").encode(), "no column “forename”"),
        (b"PK\x03\x04\x00\x00", "not a CSV file"),
        (csv_text(MEMBER | {"town": "x" * 10_000_000}).encode(), "has 10,000,000 characters"),
        (b"", "The file is empty"),
    ],
    ids=["semicolons", "unknown column", "zip", "10 MB cell", "empty"],
)
def test_a_file_that_is_none(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    status, out, err = portal(file)
    assert (status, out, Person.objects.count()) == (2, "", 0)
    assert said in err
    assert err.endswith(
        "Nothing was imported. Correct the problems listed here, then import the file again.\n"
    )
    assert len(err) < 2_000


def test_a_file_that_is_not_there(file: Path) -> None:
    status, _, err = portal(file)
    assert (status, err.splitlines()[0]) == (2, f"There is no file {file}. Check the name")
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "# Portal\n\nWhat it does, and for whom.\n",
        "surname,forename\nArcher,Alice\n",
        "last_name;email\nArcher;a@example.org\n",
        "\x00\x01\x02",
    ],
)
def test_without_a_row_to_tell_of_nothing_is_written_beside_the_file(file: Path, text: str) -> None:
    file.write_text(text)

    status, _, err = portal(file)

    assert status == 2
    assert err.endswith(
        "Nothing was imported. Correct the problems listed here, then import the file again.\n"
    )
    assert list(file.parent.iterdir()) == [file]


def test_a_report_that_cannot_be_written_is_no_disaster(file: Path) -> None:
    file.write_text(csv_text({"last_name": "X"}))
    file.with_name("people.problems.csv").mkdir()
    status, _, err = portal(file)
    assert status == 2
    assert "The report of these problems could not be written beside the file: " in err


@pytest.mark.django_db(transaction=True)
def test_another_import_at_work(file: Path, lists: None) -> None:
    file.write_text(csv_text(MEMBER))
    with import_lock_held_elsewhere():
        assert portal(file) == (
            1,
            "",
            "Another import is running. Try again when it has finished.\n",
        )


def test_the_sample_of_the_documentation_is_good() -> None:
    for model, names in (
        (MembershipCategory, institute.CATEGORIES),
        (OrganisationType, [(name,) for name in institute.ORGANISATION_TYPES]),
        (RoleType, [(name,) for name in institute.ROLE_TYPES]),
    ):
        for name, *_ in names:
            model.objects.get_or_create(name=name)
    assert portal(SAMPLE, "--dry-run")[1].startswith("4 people: 4 added")


def test_the_help_is_for_people_of_the_office() -> None:
    text = Command().create_parser("portal", "import_people").format_help()
    assert text.startswith("usage: portal import people ")
    for word in ("--dry-run", "--skip-bad", "--verified", "renewal_date", "docs/importing.md"):
        assert word in text
    for word in ("--settings", "--pythonpath", "--verbosity"):
        assert word not in text


def test_the_list_of_events_is_known_for_what_it_is(file: Path) -> None:
    file.write_text((SAMPLE.parent / "events.csv").read_text())
    assert portal(file) == (
        2,
        "",
        "This looks like a list of events. Use `portal import events`.\n",
    )
    assert not file.with_name("people.problems.csv").exists()


def test_a_list_of_something_else_is_told_by_its_columns(file: Path) -> None:
    file.write_text("title,zzz,size,weight\nChair,red,9,8\n")
    status, _, err = portal(file)
    assert status == 2
    assert "The column “address_line_1” is missing" in err
    assert err.endswith(
        "Nothing was imported. Correct the problems listed here, then import the file again.\n"
    )


def test_a_name_that_leads_to_no_file(file: Path) -> None:
    assert portal(file) == (2, "", f"There is no file {file}. Check the name\n")
    file.mkdir()
    assert portal(file) == (2, "", f"{file} is a folder. Give the name of the CSV file in it\n")


def test_a_pipe_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert portal(file) == (
        2,
        "",
        f"{file} is not a file. Save the list as a file and give its name\n",
    )


def test_no_name_at_all() -> None:
    with pytest.raises(CommandError, match="give the name of the CSV file"):
        Command().create_parser("portal", "import_people").parse_args([""])
