"""Every signal of our own stands in the table of docs/architecture.md, wired as it says."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.dispatch import Signal

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
pytestmark = pytest.mark.house


def signals():
    """Every signal by its name, such as `accounts.signals.address_verified`."""
    found = {}
    for path in PORTAL.glob("*/signals.py"):
        module = import_module(f"portal.{path.parent.name}.signals")
        for name, value in vars(module).items():
            if isinstance(value, Signal):
                found[f"{path.parent.name}.signals.{name}"] = value
    return found


def table():
    """The rows of the table: signal → (sender, receivers, acts)."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    part = text.partition("## Signals")[2].partition("\n## ")[0]
    rows = [
        [re.sub("`", "", cell).strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("| `")
    ]
    return {row[0]: (row[1], row[3], row[4]) for row in rows}


def senders(name):
    """The modules that send the signal, such as `accounts.adapters`."""
    return {
        ".".join(path.relative_to(PORTAL).with_suffix("").parts)
        for path in PORTAL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "send"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name.rpartition(".")[2]
    }


def test_every_signal_is_in_the_table():
    assert sorted(table()) == sorted(signals())


@pytest.mark.parametrize("name", sorted(signals()))
def test_it_has_one_sender_and_the_receivers_of_the_table(name):
    sender, received_by, acts = table()[name]
    wired = {
        receiver.__module__.removeprefix("portal.")
        for receiver in signals()[name]._live_receivers(None)[0]
    }

    assert senders(name) == {sender}
    assert wired == set(received_by.split(", "))
    for act in acts.split(", "):
        module, _, function = act.rpartition(".")
        assert callable(getattr(import_module(f"portal.{module}"), function))


@pytest.mark.parametrize("path", sorted(PORTAL.glob("*/receivers.py")), ids=lambda p: p.parent.name)
def test_each_receiver_is_one_line_that_calls_an_act(path):
    functions = [
        node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
    ]

    assert functions
    assert all(len(function.body) == 1 for function in functions)
