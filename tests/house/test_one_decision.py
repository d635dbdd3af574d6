"""Whether a place can be booked is decided in events/bookable.py, and places are counted there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
pytestmark = pytest.mark.house

# What a decision would compare, and who may: the decision itself, the count under the lock, the
# querysets of the list, and what the office may no longer change.
MAY = {
    "starts": {"events/bookable.py", "events/models/programme.py"},
    "left": {"events/bookable.py", "events/counting_places.py"},
    "own_left": {"events/bookable.py", "events/models/programme.py"},
    "left_in_pool": {"events/models/programme.py"},
    "taken": {"events/models/programme.py", "events/fixed_once_booked.py"},
    "places": {"events/models/programme.py", "events/fixed_once_booked.py"},
}
# Not a decision on booking: a booking that the demo invents, the words for one place or several,
# what can no longer be cancelled.
BESIDES = {
    ("events/cancelling_registrations.py", "starts"),
    ("demo/bookings.py", "starts"),
    ("events/changing_events.py", "starts"),  # whether it moves
    ("events/importing_events/importing.py", "taken"),
    ("events/importing_events/importing.py", "places"),
}
ASKS = {
    "events/availability.py",
    "events/holding_places.py",
    "events/option_choices.py",
    "events/order_review.py",
    "events/views/catalogue.py",
    "events/views/registering.py",
}


def modules():
    for path in sorted(PORTAL.rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(PORTAL)), ast.parse(path.read_text())


def compared(tree):
    """The attributes that a module compares, by number or time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Is | ast.IsNot):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Attribute):
                    yield side.attr


def test_nobody_else_compares_when_an_event_begins_or_how_many_places_are_left():
    found = {
        (name, attribute)
        for name, tree in modules()
        for attribute in compared(tree)
        if attribute in MAY and name not in MAY[attribute]
    }

    assert found - BESIDES == set()


def test_a_comparison_elsewhere_would_be_found():
    tree = ast.parse("def has_begun(event, at):\n    return event.starts <= at")

    assert list(compared(tree)) == ["starts"]


def test_every_page_and_act_of_booking_asks_there():
    asking = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "portal.events.bookable"
    }

    assert asking - {"events/forms.py"} == ASKS


def test_only_there_it_matters_whom_an_option_is_for():
    asking = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.alias)
        and "why_not" in {getattr(node, "attr", ""), getattr(node, "name", "")}
    }

    assert asking == {"events/bookable.py"}


def test_whether_a_place_is_held_is_asked_of_its_hold():
    """Not of the basket, whose time runs on above a place that is lost."""
    asking = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "is_held"
    }

    assert asking == {"events/models/orders.py", "events/holding_places.py"}
