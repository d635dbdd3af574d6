"""The purchase order number of an invoice: shown at once, frozen when it is settled."""

import pytest
from django.utils import timezone

from portal.billing import purchase_orders
from portal.billing.models import Invoice
from portal.core.models import HistoryEntry
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db


def number_now(invoice):
    return purchase_orders.number_of(Invoice.objects.get(pk=invoice.pk))


def in_details(person, number):
    person.purchase_order_number = number
    person.save()


def change(invoice, number):
    purchase_orders.change(invoice, number=number, actor="alice", at=timezone.now())


def test_there_is_none_unless_somebody_typed_one(alice):
    assert number_now(raised(alice)) == ""


def test_the_one_in_the_details_shows_at_once(alice):
    invoice = raised(alice)
    in_details(alice, "PO-1")
    assert number_now(invoice) == "PO-1"

    in_details(alice, "PO-2")
    assert number_now(invoice) == "PO-2"


def test_the_invoice_s_own_comes_first(alice):
    in_details(alice, "PO-1")
    typed_at_checkout = raised(alice, purchase_order="PO-7")
    typed_on_the_invoice = raised(alice)
    change(typed_on_the_invoice, "PO-8")
    neither = raised(alice)

    assert number_now(typed_at_checkout) == "PO-7"
    assert number_now(typed_on_the_invoice) == "PO-8"
    assert number_now(neither) == "PO-1"


def test_one_that_was_taken_away_at_checkout_stays_away(alice):
    in_details(alice, "PO-1")
    invoice = raised(alice, purchase_order="")

    assert number_now(invoice) == ""
    assert invoice.issued_document.document.data["purchase_order"] == ""

    pay(invoice)
    assert number_now(invoice) == ""


def test_emptied_on_the_invoice_it_has_none_as_if_emptied_at_checkout(alice):
    in_details(alice, "PO-1")
    own, following = raised(alice, purchase_order="PO-7"), raised(alice)

    change(own, "")
    change(following, "")
    in_details(alice, "PO-2")

    assert (number_now(own), number_now(following)) == ("", "")


def test_that_of_the_details_can_be_chosen_again(alice):
    in_details(alice, "PO-1")
    invoice = raised(alice, purchase_order="")

    change(invoice, "PO-1")
    in_details(alice, "PO-2")

    assert number_now(invoice) == "PO-2"


@pytest.mark.parametrize(("own", "shown"), [(None, "PO-1"), ("", ""), ("PO-7", "PO-7")])
def test_saving_what_was_shown_changes_nothing(alice, own, shown):
    """Whatever the details say when it is saved, and afterwards."""
    in_details(alice, "PO-1")
    invoice = raised(alice, purchase_order=own)
    in_details(alice, "PO-2")

    purchase_orders.change(invoice, number=shown, shown=shown, actor="alice", at=timezone.now())
    in_details(alice, "PO-3")

    assert number_now(invoice) == ("PO-3" if own is None else own)
    assert not HistoryEntry.objects.filter(act="purchase order changed").exists()


def test_it_is_frozen_when_the_invoice_is_settled(alice):
    in_details(alice, "PO-1")
    part_paid, paid, own = raised(alice), raised(alice), raised(alice, purchase_order="PO-7")
    pay(part_paid, "1")
    pay(paid)
    pay(own)

    in_details(alice, "PO-2")

    assert number_now(part_paid) == "PO-2"
    assert number_now(paid) == "PO-1"
    assert number_now(own) == "PO-7"


def test_none_is_frozen_too(alice):
    invoice = raised(alice)
    pay(invoice)

    in_details(alice, "PO-2")

    assert number_now(invoice) == ""


def test_a_settled_invoice_keeps_it(alice):
    invoice = raised(alice, purchase_order="PO-7")
    pay(invoice)

    with pytest.raises(purchase_orders.Settled, match="Nothing is owed on this invoice"):
        change(invoice, "PO-8")

    assert number_now(invoice) == "PO-7"


def test_a_change_is_remembered(alice):
    invoice = raised(alice, purchase_order="PO-7")

    change(invoice, "PO-8")

    entry = HistoryEntry.objects.get(act="purchase order changed")
    assert entry.detail == {"before": "PO-7", "after": "PO-8"}
    assert (entry.object_label, entry.actor_label) == (invoice.number, "alice")


def test_that_of_the_details_typed_again_still_follows_the_details(alice):
    in_details(alice, "PO-1")
    invoice = raised(alice)

    change(invoice, "PO-1")
    in_details(alice, "PO-2")

    assert number_now(invoice) == "PO-2"
    assert not HistoryEntry.objects.filter(act="purchase order changed").exists()
