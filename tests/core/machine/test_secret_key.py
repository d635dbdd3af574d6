"""The key of a portal on one's own machine: one, whole, and for nobody else's eyes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from portal.core.machine import secret_key
from portal.core.machine.secret_key import kept_secret_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "secret-key"


def test_it_is_made_once_and_kept(path: Path) -> None:
    key = kept_secret_key(path)

    assert len(key) >= 50
    assert kept_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret-key"]


def test_until_it_is_whole_there_is_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process that looks while the first is still making it sees no half key."""
    seen: list[bool] = []
    real = secret_key.secrets.token_urlsafe

    def make(length: int) -> str:
        seen.append(path.exists())
        return real(length)

    monkeypatch.setattr(secret_key.secrets, "token_urlsafe", make)
    kept_secret_key(path)

    assert seen == [False]


def test_all_that_start_together_have_the_same(path: Path) -> None:
    start = Barrier(8, timeout=30)

    def begin(_: int) -> str:
        start.wait()
        return kept_secret_key(path)

    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(begin, range(8)))

    assert len(keys) == 1
    assert len(keys.pop()) >= 50
