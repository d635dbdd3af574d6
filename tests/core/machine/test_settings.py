"""What the settings as they stand come to, in a process of its own."""

from pathlib import Path

import pytest

from tests.processes import new_installation, run

pytestmark = pytest.mark.house


def test_a_host_that_is_not_ours_is_refused_without_a_line(tmp_path: Path) -> None:
    asks = "from django.test import Client; a = Client().get('/', HTTP_HOST='scanner.example.org')"
    words = ["shell", "--no-imports", "-c", f"{asks}; print(a.status_code)"]

    said = run(*words, env=new_installation(tmp_path) | {"PORTAL_DEBUG": "yes"})

    assert (said.stdout, said.stderr) == ("400\n", "")


def test_a_key_that_was_replaced_still_reads_what_it_signed(tmp_path: Path) -> None:
    """Sessions, links and second steps all go by these two keys."""
    env = new_installation(tmp_path)
    first, second = "1" * 50, "2" * 50
    seal = "from allauth.mfa.adapter import get_adapter as a; print(a().encrypt('a secret'))"
    sealed = run("shell", "--no-imports", "-c", seal, env=env | {"PORTAL_SECRET_KEY": first})
    opens = f"print(a().decrypt('{sealed.stdout.strip()}'))"

    said = run(
        *("shell", "--no-imports", "-c", seal.replace("print(a().encrypt('a secret'))", opens)),
        env=env | {"PORTAL_SECRET_KEY": second, "PORTAL_OLD_SECRET_KEYS": f"{'3' * 50},{first}"},
    )

    assert (said.stdout, said.stderr) == ("a secret\n", "")


def test_what_is_committed_outlives_a_power_cut(tmp_path: Path) -> None:
    """A commit that is not synced can be lost after the mail with its invoice number has gone."""
    asks = (
        "from django.db import connection as c; k = c.cursor(); "
        "print(*(k.execute(f'PRAGMA {p}').fetchone()[0] for p in ('journal_mode', 'synchronous')))"
    )

    said = run("shell", "--no-imports", "-c", asks, env=new_installation(tmp_path))

    full = "2"
    assert (said.stdout, said.stderr) == (f"wal {full}\n", "")
