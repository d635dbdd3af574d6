"""A test asks the clock when it runs: one that asked when it was read fails at midnight."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ASKING = {"today", "now", "localdate"}
# What the browser's walk types is days away, and the same for the whole walk.
BESIDES = {"browser/test_walk.py"}
pytestmark = pytest.mark.house


def asked_when_read(tree: ast.AST) -> Iterator[int]:
    """The lines on which the clock is asked outside of any function: decorators are outside."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield from asked_when_read(decorator)
            continue
        if isinstance(node, ast.Call) and name_of(node.func) in ASKING and not node.args:
            yield node.lineno
        yield from asked_when_read(node)


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_no_test_asks_the_clock_when_it_is_read() -> None:
    found = {
        f"{path.relative_to(TESTS)}:{line}"
        for path in TESTS.rglob("*.py")
        if str(path.relative_to(TESTS)) not in BESIDES
        for line in asked_when_read(ast.parse(path.read_text()))
    }

    assert found == set()


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("DAY = today() + WEEK", [1]),
        ("@parametrize([timezone.now()])\ndef test(): pass", [1]),
        ("class Test:\n    at = timezone.now()", [2]),
        ("def test():\n    at = timezone.now()", []),
        ("@parametrize([lambda: today()])\ndef test(): pass", []),
    ],
)
def test_what_would_be_found(code: str, lines: list[int]) -> None:
    assert list(asked_when_read(ast.parse(code))) == lines
