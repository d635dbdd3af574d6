"""Whoever counts or shows registrations says which: those that take a place, or all of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from portal.events import subqueries
from portal.events.models import Registration

PORTAL = Path(__file__).resolve().parents[2] / "portal"
pytestmark = pytest.mark.house

# Where every registration is meant, ended or not: an order's own, by key, and the making of one.
ALL = {
    "events/booking.py": 1,  # bulk_create
    "events/cancelling_registrations.py": 1,  # by key, to say that it has already been cancelled
    "events/forgetting_bookings.py": 1,  # special requirements go with those that ended too
    "events/views/catalogue.py": 1,  # by the key of one that takes a place
    "events/views/orders.py": 1,  # of one order
}


def starts(tree):
    """Each chain of calls that begins at the registrations, as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if text.endswith(("Registration.objects", ".registrations")):
                yield node


def test_every_query_of_registrations_names_those_that_take_a_place():
    found = {}
    for path in sorted(PORTAL.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        asked = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == "taking_a_place"
        }
        others = [node for node in starts(tree) if id(node) not in asked]
        if others:
            found[str(path.relative_to(PORTAL))] = len(others)

    assert found == ALL


def test_every_written_subquery_does_too():
    text = (PORTAL / "events" / "subqueries.py").read_text()
    queries = text.split("FROM [Registration]")[1:]

    assert len(queries) == 4
    assert all("WHERE {TAKING_A_PLACE}" in query[:200] for query in queries)


@pytest.mark.django_db
def test_the_written_condition_is_that_of_the_queryset():
    query = str(Registration.objects.taking_a_place().order_by().query)

    column = subqueries._with_names(subqueries.TAKING_A_PLACE).removeprefix("r.")
    assert query.endswith(f'WHERE "events_registration".{column}')
