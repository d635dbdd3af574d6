"""“Free” is said of a price only: a place that is left is available, not free."""

import re
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
OF_A_PLACE = re.compile(
    r"\b(?:still|again) free\b|\bfree again\b|\b(?:places?|they|another|one) (?:is|are) free\b",
    re.IGNORECASE,
)
pytestmark = pytest.mark.house


def test_no_place_is_called_free():
    texts = [path for path in PORTAL.rglob("*") if path.suffix in {".py", ".html", ".txt", ".js"}]
    found = [str(path) for path in texts if OF_A_PLACE.search(path.read_text(encoding="utf-8"))]

    assert len(texts) > 300
    assert found == []


@pytest.mark.parametrize("words", ["It is still free", "if a place is free", "free again later"])
def test_it_would_be_found(words):
    assert OF_A_PLACE.search(words)
