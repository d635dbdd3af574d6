"""The history says who did what to what."""

import pytest
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.core.rows.history import record, record_all

pytestmark = pytest.mark.django_db


def one_by_one(of, actor, at):
    record("looked at", of, actor=actor, at=at, why="asked")


def many_at_once(of, actor, at):
    record_all([("looked at", of, {"why": "asked"})], actor=actor, at=at)


@pytest.mark.parametrize("way", [one_by_one, many_at_once])
def test_an_actor_is_known_by_type_and_id(sam, alice, way):
    """A person and their account have numbers of their own."""
    for actor in (sam, sam.user, "portal import people"):
        way(alice, actor, timezone.now())

    entries = HistoryEntry.objects.order_by("pk")
    assert list(entries.values_list("actor_type", "actor_id", "actor_label")) == [
        ("people.Person", str(sam.pk), str(sam)),
        ("accounts.User", str(sam.user.pk), str(sam.user)),
        ("", "", "portal import people"),
    ]
    assert set(entries.values_list("object_type", "object_id", "detail__why")) == {
        ("people.Person", str(alice.pk), "asked")
    }
