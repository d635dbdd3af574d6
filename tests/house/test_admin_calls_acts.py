"""A page of the office turns a form into an act: it locks, writes and records nothing by itself.

So the acts can be called by any other page, and each names the permission that it needs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
WRITING = {
    *("save", "delete", "update", "create", "get_or_create", "update_or_create"),
    *("bulk_create", "bulk_update", "lock", "lock_one", "record", "atomic", "select_for_update"),
}
# Django's own ways of a page, by which it calls ours; and what is tried and undone.
THROUGH = {"super"}
BESIDES = {
    # What is tried is undone.
    ("billing/moving_money_admin.py", "atomic"),
    # Two acts of one form: both or none.
    ("accounts/admin.py", "atomic"),
}
PAGES = sorted(
    path
    for path in PORTAL.rglob("*.py")
    if path.name == "admin.py"
    or path.name.endswith("_admin.py")
    or (path.parent.name == "office" and path.name.endswith("pages.py"))
)
pytestmark = pytest.mark.house


def writing(tree: ast.AST) -> Iterator[str]:
    """The names of calls that write, but those of `super()`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in WRITING:
            if not (_is_super(function.value) or _only_reads(node, function)):
                yield function.attr
        elif isinstance(function, ast.Name) and function.id in WRITING:
            yield function.id


def _only_reads(call: ast.Call, function: ast.Attribute) -> bool:
    """A formset that finds what was typed, and a dictionary."""
    uncommitted = any(
        each.arg == "commit" and isinstance(each.value, ast.Constant) and each.value.value is False
        for each in call.keywords
    )
    return uncommitted or (function.attr == "update" and isinstance(function.value, ast.Name))


def _is_super(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in THROUGH
    )


def test_no_page_writes_by_itself() -> None:
    found = {
        (str(path.relative_to(PORTAL)), name)
        for path in PAGES
        for name in writing(ast.parse(path.read_text()))
    }

    assert found - BESIDES == set()
    assert len(PAGES) > 10


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def save_model(self, obj):\n    obj.save()", ["save"]),
        ("def save_model(self, obj):\n    super().save_model(obj)", []),
        ("def get_object(self, pk):\n    return lock_one(rows)", ["lock_one"]),
        ("def clean(self):\n    record('x', self)", ["record"]),
        ("rows.filter(pk=1).update(name='x')", ["update"]),
        ("context.update(name='x')\nformset.save(commit=False)", []),
        ("formset.save(commit=True)", ["save"]),
    ],
)
def test_what_would_be_found(code: str, names: list[str]) -> None:
    assert list(writing(ast.parse(code))) == names
