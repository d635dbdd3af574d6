"""The office changes an option while somebody saves responses for it: what it is now counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from portal.core.rows.locking import lock
from portal.events import holding_places
from portal.events.eligibility import NotEligible
from portal.events.models import Audience, Basket, Event, Hold, RegistrationOption
from portal.events.refusals import OptionGone
from portal.people.models import Person
from tests import factories
from tests.concurrency.meanwhile import Meanwhile
from tests.events.acts import hold

pytestmark = pytest.mark.django_db(transaction=True)


def for_non_members() -> None:
    RegistrationOption.objects.update(audience=Audience.NON_MEMBER)


def take_away() -> None:
    RegistrationOption.objects.all().delete()


def held_while(alice: Person, change: Callable[[], None]) -> Meanwhile:
    """Alice saves what she chose before; the office holds the event's lock, then changes."""
    chosen = factories.option(factories.event(), "Place")
    alices = Meanwhile(lambda: hold(chosen, alice))
    with transaction.atomic():
        lock(Event.objects.all())
        alices.around(change)()
    alices.end()
    return alices


def test_who_may_no_longer_take_it_is_refused(alice: Person) -> None:
    alices = held_while(alice, for_non_members)

    assert isinstance(alices.outcome, NotEligible)
    assert not Hold.objects.exists()


def test_one_that_is_gone_is_refused_in_words(alice: Person) -> None:
    alices = held_while(alice, take_away)

    assert isinstance(alices.outcome, OptionGone)
    assert str(alices.outcome) == "“Place” is no longer offered. Choose another option"


def test_control_an_option_that_is_not_read_again_is_held(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding_places, "_as_it_is_now", lambda chosen: chosen)

    alices = held_while(alice, for_non_members)

    assert isinstance(alices.outcome, Basket)
    assert Hold.objects.get().option.audience == Audience.NON_MEMBER


@pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
def test_control_without_the_lock_it_is_held_before_the_change(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite the write transaction is the lock, which cannot be left out."""
    monkeypatch.setattr(holding_places, "lock_events", lambda *_: Event.objects.in_bulk())

    alices = held_while(alice, for_non_members)

    assert alices.is_done_before_the_step
    assert Hold.objects.get().option.audience == Audience.NON_MEMBER
    assert connection.vendor == "postgresql"
