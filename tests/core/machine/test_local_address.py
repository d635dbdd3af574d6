"""Where the portal was last served, for the links of commands that are run beside it."""

from pathlib import Path

import pytest

from portal.core.machine.local_address import USUAL, keep_address, kept_address
from tests.processes import new_installation, run

pytestmark = pytest.mark.house


def test_the_last_address_is_kept_with_the_data(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert kept_address(folder) == USUAL

    keep_address(folder, "http://localhost:8201")
    keep_address(folder, "http://localhost:8202")

    assert kept_address(folder) == "http://localhost:8202"


@pytest.mark.parametrize("kept", ["", "https://portal.example.org", "http://localhost:8000/x", "?"])
def test_what_is_no_address_of_this_machine_is_passed_over(tmp_path: Path, kept: str) -> None:
    keep_address(tmp_path, kept)

    assert kept_address(tmp_path) == USUAL


@pytest.mark.parametrize(
    ("given", "url"),
    [({}, "http://localhost:8201"), ({"PORTAL_URL": "http://localhost:9"}, "http://localhost:9")],
)
def test_commands_go_by_it_unless_the_environment_names_one(
    tmp_path: Path, given: dict[str, str], url: str
) -> None:
    keep_address(tmp_path, "http://localhost:8201")
    words = [
        "shell",
        "--verbosity=0",
        "-c",
        "from django.conf import settings; print(settings.PORTAL_URL)",
    ]

    said = run(*words, env=new_installation(tmp_path) | given)

    assert said.stdout.strip().endswith(url)
