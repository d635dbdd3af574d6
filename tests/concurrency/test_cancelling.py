"""Somebody credits the place while its registration is being cancelled."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.billing.allocating import MoneyRefused
from portal.billing.crediting import issue_credit_note
from portal.billing.models import CreditNote, Invoice
from portal.core.money import ZERO
from portal.events import cancelling_registrations
from portal.events.cancelling_registrations import cancel_registration
from portal.events.models import Registration
from tests import factories
from tests.concurrency.meanwhile import Meanwhile
from tests.events.acts import order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registration(alice: Any) -> Registration:
    return order(factories.option(factories.event()), by=alice).registrations.get()


def meanwhile(monkeypatch: Any, step: str) -> Meanwhile:
    """Another member of staff credits the whole invoice."""
    credits_it = Meanwhile(
        lambda: issue_credit_note(
            Invoice.objects.get(), reason="By hand", actor="Sam", at=timezone.now()
        )
    )
    around = credits_it.around(getattr(cancelling_registrations, step))
    monkeypatch.setattr(cancelling_registrations, step, around)
    return credits_it


def cancel(registration: Registration) -> CreditNote | None:
    return cancel_registration(
        registration, because="Ill", is_credited=True, actor="Ada", at=timezone.now()
    )


@pytest.mark.parametrize("step", ["left_of", "issue_credit_note"])
def test_it_is_cancelled_and_credited_once(
    registration: Registration, monkeypatch: Any, step: str
) -> None:
    other = meanwhile(monkeypatch, step)

    note = cancel(registration)

    assert isinstance(other.end(), MoneyRefused)
    assert CreditNote.objects.get() == note
    assert Invoice.objects.get().balance == ZERO
    registration.refresh_from_db()
    assert registration.cancelled_because == "Ill"


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite the database itself is the lock"
)
def test_control_without_the_lock_the_cancelling_fails(
    registration: Registration, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cancelling_registrations, "lock_accounts", lambda _: None)
    meanwhile(monkeypatch, "issue_credit_note")

    with pytest.raises(MoneyRefused):
        cancel(registration)

    registration.refresh_from_db()
    assert registration.cancelled_at is None
