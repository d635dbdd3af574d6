"""Cancelling: others can have the place, its line is credited, and the history has why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.billing.crediting import issue_credit_note
from portal.billing.models import CreditNote, Invoice
from portal.core.dates import on_day, short_date
from portal.core.models import HistoryEntry
from portal.core.money import ZERO
from portal.events.cancelling_registrations import NotCancelled, cancel_registration
from portal.events.models import Registration
from portal.people.models import Person
from tests import factories
from tests.events.acts import order

pytestmark = pytest.mark.django_db


def cancel(registration: Registration, *, because: str = "Ill", **changed: object) -> object:
    given = {"is_credited": True, "actor": "sam", "at": timezone.now()}
    return cancel_registration(registration, because=because, **{**given, **changed})


def test_its_place_is_free_and_all_of_its_line_is_credited(alice: Person) -> None:
    kept = factories.option(factories.event("kept"))
    option = factories.option(factories.event("other"), places=1)
    placed = order(kept, option, by=alice)
    registration = placed.registrations.get(option=option)

    note = cancel(registration, because="  Ill,\n at home ")

    assert isinstance(note, CreditNote)
    assert (note.invoice, note.reason) == (placed.invoice, "Ill, at home")
    assert note.net == registration.net
    registration.refresh_from_db()
    assert (registration.cancelled_by, registration.cancelled_because) == ("sam", "Ill, at home")
    assert option.event.options.with_taken(timezone.now()).get().left == 1
    assert list(Registration.objects.taking_a_place()) == [placed.registrations.get(option=kept)]
    assert Invoice.objects.get().balance == placed.invoice.gross - note.gross
    entry = HistoryEntry.objects.get(act="registration cancelled")
    assert entry.detail == {"because": "Ill, at home", "credit_note": note.number}


def test_without_a_credit_the_invoice_stays_as_it_is(alice: Person) -> None:
    placed = order(factories.option(factories.event()), by=alice)
    assert cancel(placed.registrations.get(), is_credited=False) is None
    assert not CreditNote.objects.exists()
    assert Invoice.objects.get().balance == placed.invoice.gross


def test_a_free_place_and_a_credited_line_have_nothing_to_credit(alice: Person) -> None:
    free = order(factories.option(factories.event("free"), price=ZERO), by=alice)
    assert cancel(free.registrations.get()) is None
    billed = order(factories.option(factories.event("billed")), by=alice)
    issue_credit_note(billed.invoice, reason="Overcharged", actor="sam", at=timezone.now())
    assert cancel(billed.registrations.get()) is None
    assert CreditNote.objects.count() == 1
    assert not Registration.objects.taking_a_place().exists()


def test_it_is_cancelled_once_with_a_reason_and_before_the_event(alice: Person) -> None:
    registration = order(factories.option(factories.event()), by=alice).registrations.get()
    with pytest.raises(NotCancelled, match=r"^Say why"):
        cancel(registration, because=" ")
    with pytest.raises(NotCancelled, match=r"^The event has begun"):
        cancel(registration, at=registration.event.starts)
    assert Registration.objects.taking_a_place().count() == 1
    cancel(registration, at=registration.event.starts - timedelta(seconds=1))
    with pytest.raises(NotCancelled, match="already been cancelled"):
        cancel(registration)
    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize("page", ["", "confirmation/"])
def test_its_order_says_so_and_leads_nowhere(alice: Person, client_of: Any, page: str) -> None:
    event = factories.event(online_link="https://meet.example.org/secret")
    placed = order(factories.option(event), by=alice)
    registration = placed.registrations.get()
    address, calendar = f"/orders/{placed.number}/{page}", f"/registrations/{registration.pk}/"
    browser = client_of(alice)
    before = browser.get(address).text
    assert "https://meet.example.org/secret" in before
    assert calendar in before

    cancel(registration, because="You asked us to")
    after = browser.get(address).text

    on = short_date(on_day(timezone.now()))
    assert f"On {on}: You asked us to" in after
    assert "meet.example.org" not in after
    assert calendar not in after


def test_the_office_sees_which_are_cancelled(alice: Person, bob: Person, client_of: Any) -> None:
    option = factories.option(factories.event())
    cancel(order(option, by=alice).registrations.get())
    order(option, by=bob)
    office = client_of(factories.administrator())

    listed = office.get("/office/events/registration/", {"cancelled_at__isempty": "0"}).text

    assert "Alice Archer" in listed
    assert "Bob Brook" not in listed
