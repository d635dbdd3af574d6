"""A file is a use case and a function is a thought: past these sizes, split by use case."""

import ast
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
FILE_LINES = 320
FUNCTION_LINES = 45
KINDS = {".py", ".html", ".txt", ".css", ".js", ".typ"}
pytestmark = pytest.mark.house


def files(*kinds):
    return [
        path
        for path in sorted(PORTAL.rglob("*"))
        if path.suffix in kinds and "migrations" not in path.parts and path.name != "OFL.txt"
    ]


def test_no_file_is_too_long():
    lengths = {
        str(path.relative_to(PORTAL)): len(path.read_text().splitlines()) for path in files(*KINDS)
    }

    assert {name: length for name, length in lengths.items() if length > FILE_LINES} == {}
    assert len(lengths) > 100


def body_of(function):
    """Its statements, without what explains them."""
    has_docstring = ast.get_docstring(function) is not None
    return function.body[1:] if has_docstring and len(function.body) > 1 else function.body


def test_no_function_is_too_long():
    long = {}
    for path in files(".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - body_of(node)[0].lineno + 1
                if length > FUNCTION_LINES:
                    long[f"{path.relative_to(PORTAL)}:{node.name}"] = length

    assert long == {}


def test_no_drawer_for_everything():
    """Names that say nothing: what is in them has a better place (docs/architecture.md)."""
    nameless = {"services", "utils", "helpers", "common", "misc", "tools"}

    assert [path for path in files(".py") if path.stem in nameless] == []
