"""What gives or takes the rights of the office is written by the acts that ask who does it."""

import ast
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
GUARDED = {"is_staff", "is_superuser", "staff_second_step", "session_stamp"}
# Besides accounts/staff.py, which writes a whole Standing.
ACTS = {
    "accounts/models.py": "a new account; what an account is asked for",
    "accounts/readmitting.py": "whoever runs the machine",
    "accounts/sessions.py": "the stamp",
    "core/office/requiring_second_step.py": "administrators, with a proof",
    "demo/institute.py": "a body that is made for the demo",
    "people/staffing.py": "whoever runs the machine",
}
READS = {"filter", "exclude", "get", "Q"}
pytestmark = pytest.mark.house


def writes(tree):
    """Where a guarded field is assigned, or given to a call that does not only read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr in GUARDED:
                yield node.lineno
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in READS and any(word.arg in GUARDED for word in node.keywords):
                yield node.lineno
        elif isinstance(node, ast.Dict):
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if keys & GUARDED:
                yield node.lineno


def test_only_the_acts_write_them():
    found = {}
    for path in sorted(PORTAL.rglob("*.py")):
        name = str(path.relative_to(PORTAL))
        if "migrations" not in path.parts and (lines := list(writes(ast.parse(path.read_text())))):
            found[name] = lines

    assert set(found) == set(ACTS), found


def test_a_write_elsewhere_would_be_seen():
    for code in (
        "user.is_staff = True",
        "User.objects.update(is_superuser=True)",
        "save(**{'staff_second_step': False})",
    ):
        assert list(writes(ast.parse(code))) == [1]
    assert list(writes(ast.parse("User.objects.filter(is_staff=True)"))) == []
