"""Text that people read has ’ for an apostrophe and “ ” for quotation marks.

Words for the machine (names, markup, comments, docstrings) keep the straight ones.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.house
STRAIGHT = re.compile(
    r"(?<=[A-Za-z])'(?=[a-z])|(?<=s)' (?=[a-z])|(?<![\w=])\"[A-Za-z][^\"=<>]*\"(?![\w=])"
)
TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style.*?</style>|<[^>]*>|&[a-z]+;", re.DOTALL)
WORDS_IN_TAGS = re.compile(r"""(?:text|hint|title|label|empty|key)="([^"]*)\"""")
# A shell takes straight ones: examples of commands.
EXAMPLES = {"portal/core/management/commands/body.py"}


def in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted(Path("portal/templates").rglob("*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        source = path.read_text(encoding="utf-8")
        for words in [TAGS.sub(" ", source), *WORDS_IN_TAGS.findall(source)]:
            yield str(path), words


def in_code() -> Iterator[tuple[str, str]]:
    """Every text of the code with a space in it, docstrings and examples left out."""
    for path in sorted(Path("portal").rglob("*.py")):
        if "migrations" in path.parts or str(path) in EXAMPLES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        statements = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or id(node) in statements:
                continue
            if isinstance(node.value, str) and " " in node.value:
                text = node.value
                if not re.search(r"Example|SELECT|CREATE|RAISE|EXISTS|<[a-z]|src|self'", text):
                    yield f"{path}:{node.lineno}", text


@pytest.mark.parametrize("where", [in_templates, in_code])
def test_no_straight_apostrophe_or_quotation_mark(where: object) -> None:
    found = list(where())  # type: ignore[operator]
    assert len(found) > 100
    assert [
        (name, hit.group()) for name, text in found if (hit := STRAIGHT.search(text)) is not None
    ] == []


@pytest.mark.parametrize(
    ("text", "is_straight"),
    [
        ("The portal's office", True),
        ("can't be changed", True),
        ("the members' page", True),
        ('Tick "works in the office"', True),
        ("The portal’s office", False),
        ("Tick “works in the office”", False),
        ("12 o’clock", False),
    ],
)
def test_it_would_be_found(text: str, is_straight: bool) -> None:
    assert bool(STRAIGHT.search(text)) == is_straight
