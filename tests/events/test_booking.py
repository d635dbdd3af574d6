"""Submitting an order: all of it or nothing, once, with its invoice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.billing.models import Invoice, InvoiceSeries, SupplierDetails
from portal.billing.readiness import NotReady
from portal.core.models import HistoryEntry, OutgoingMail
from portal.core.money import Money
from portal.events.booking import BasketChanged, submit_order
from portal.events.eligibility import NotEligible
from portal.events.models import (
    Audience,
    Basket,
    Event,
    Hold,
    Order,
    Registration,
    RegistrationOption,
)
from portal.events.order_review import review
from portal.events.refusals import AlreadyRegistered, EventBegun, EventFull
from portal.membership.models import MembershipTerm
from tests import factories
from tests.events.acts import expire, hold, order, submit

pytestmark = pytest.mark.django_db


def nothing_happened():
    return (
        Order.objects.count(),
        Registration.objects.count(),
        Invoice.objects.count(),
        OutgoingMail.objects.count(),
    ) == (0, 0, 0, 0)


def test_an_order_with_its_registration_and_invoice(alice):
    option = factories.option(factories.event(), "Member", price=Money(13000))
    basket = hold(option, alice, special_requirements="Vegan")
    at = timezone.now()

    placed = submit(basket, at=at)

    registration = placed.registrations.get()
    assert (registration.attendee, registration.option) == (alice, option)
    assert registration.special_requirements == "Vegan"
    assert registration.agreed_terms == factories.TERMS
    assert (registration.net, registration.registered_at) == (Money(13000), at)
    assert placed.invoice.gross == Money(15600)
    line = placed.invoice.lines.get()
    assert registration.invoice_line == line
    assert line.beneficiary == alice
    assert line.description.startswith("Debt relief orders, ")
    assert line.detail == "Alice Archer: Member"
    assert HistoryEntry.objects.get(act="ordered").object_label == placed.number


def test_the_basket_is_closed_and_the_next_one_is_new(alice):
    placed = order(factories.option(factories.event("one")), by=alice)

    basket = hold(factories.option(factories.event("two")), alice)

    assert placed.basket.closed_at is not None
    assert not placed.basket.holds.exists()
    assert basket != placed.basket


def test_submitting_again_leads_to_the_same_order(alice):
    basket = hold(factories.option(factories.event()), alice)
    reviewed = review(basket, at=timezone.now()).fingerprint
    first = submit(basket)

    again = submit(basket, reviewed=reviewed)

    assert again == first
    assert (Order.objects.count(), Invoice.objects.count()) == (1, 1)


def test_a_free_order_makes_no_invoice(alice):
    placed = order(factories.option(factories.event(), price=Money(0)), by=alice)

    assert placed.invoice is None
    assert placed.registrations.get().invoice_line is None
    assert InvoiceSeries.objects.get().next_number == 1
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["order"]


def test_a_free_place_in_a_paid_order_stands_on_the_invoice(alice):
    free = factories.option(factories.event("free", title="Free hour"), price=Money(0))
    paid = factories.option(factories.event("paid", title="Paid day"), price=Money(5000))

    placed = order(free, paid, by=alice)

    assert [line.net for line in placed.invoice.lines.all()] == [Money(0), Money(5000)]
    assert [r.invoice_line.description.split(",")[0] for r in placed.registrations.all()] == [
        "Free hour",
        "Paid day",
    ]


@pytest.mark.parametrize(
    ("typed", "kept"), [("PO-1", None), ("PO-2", "PO-2"), (" PO-1 ", None), ("", "")]
)
def test_the_invoice_has_its_own_purchase_order_only_where_it_differs(alice, typed, kept):
    alice.purchase_order_number = "PO-1"
    alice.save()

    placed = submit(hold(factories.option(factories.event()), alice), purchase_order=typed)

    own = getattr(placed.invoice, "own_purchase_order", None)
    assert (own.number if own else None) == kept


def test_an_expired_hold_goes_through_if_its_place_is_free(alice):
    option = factories.option(factories.event(), places=1)

    placed = submit(expire(hold(option, alice)))

    assert placed.registrations.get().option == option


def test_the_last_place_went_to_somebody_else(alice, bob):
    option = factories.option(factories.event(), places=1)
    basket = expire(hold(option, alice, special_requirements="Vegan"))
    hold(option, bob)

    with pytest.raises(EventFull) as refusal:
        submit(basket)

    assert str(refusal.value) == "This event is now full. Nothing has been ordered."
    assert Hold.objects.get(attendee=alice).special_requirements == "Vegan"
    assert nothing_happened()


def test_one_full_event_refuses_the_whole_order(alice, bob):
    free = factories.option(factories.event("free"))
    full = factories.option(factories.event("full"), places=1)
    hold(free, alice)
    basket = expire(hold(full, alice))
    hold(full, bob)

    with pytest.raises(EventFull) as refusal:
        submit(basket)

    assert [key for key, _ in refusal.value.lines] == [
        Hold.objects.get(event__code="full", attendee=alice).pk
    ]
    assert nothing_happened()


def test_a_hold_seen_as_live_does_not_oversell(alice, bob):
    """Its request took its time before the hold expired, and got the lock after bob had ordered."""
    option = factories.option(factories.event(), places=1)
    before = timezone.now()
    basket = hold(option, alice, at=before)
    just_in_time = basket.expires_at - timedelta(seconds=1)
    order(option, by=bob, at=basket.expires_at + timedelta(seconds=1))

    with pytest.raises(EventFull):
        submit(basket, at=just_in_time)

    assert Registration.objects.count() == 1


def test_two_lines_for_the_same_last_place(alice, bob):
    option = factories.option(factories.event(), places=2)
    hold(option, bob, by=alice)
    basket = hold(option, alice)
    RegistrationOption.objects.update(places=1)

    with pytest.raises(EventFull) as refusal:
        submit(basket)

    assert len(refusal.value.lines) == 1


def change_price(basket):
    RegistrationOption.objects.update(price=Money(9900))


def change_date(basket):
    Event.objects.update(starts=timezone.now() + timedelta(days=59))


def change_answers(basket):
    basket.holds.update(special_requirements="Something else")


def change_lines(basket):
    hold(factories.option(factories.event("another")), basket.owner)


def empty(basket):
    basket.holds.all().delete()


def save_event(**changed):
    event = Event.objects.get()
    vars(event).update(changed)
    event.save()


def rename(basket):
    save_event(title="Something else")


def move(basket):
    save_event(place="Penzance")


def shorten(basket):
    Event.objects.update(ends=F("ends") - timedelta(hours=3))


def rename_option(basket):
    RegistrationOption.objects.update(name="Half a day")


CHANGES = [
    change_price,
    change_date,
    change_answers,
    change_lines,
    empty,
    rename,
    move,
    shorten,
    rename_option,
]


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_was_reviewed_is_ordered(alice, change):
    basket = hold(factories.option(factories.event()), alice)
    reviewed = review(basket, at=timezone.now()).fingerprint
    change(basket)

    with pytest.raises(BasketChanged):
        submit(basket, reviewed=reviewed)

    assert nothing_happened()


def test_the_time_alone_changes_no_fingerprint(alice):
    basket = hold(factories.option(factories.event()), alice)
    now = timezone.now()

    assert (
        review(basket, at=now).fingerprint
        == review(expire(basket), at=now + timedelta(minutes=40)).fingerprint
    )


def test_an_event_that_has_begun_meanwhile(alice):
    option = factories.option(factories.event(starts=timezone.now() + timedelta(minutes=5)))
    basket = hold(option, alice)

    with pytest.raises(EventBegun):
        submit(basket, at=option.event.starts)

    assert nothing_happened()


def test_a_membership_that_has_ended_meanwhile(alice):
    option = factories.option(factories.event(), audience=Audience.MEMBER)
    basket = hold(option, alice)
    ended = timezone.now().date() - timedelta(days=40)
    MembershipTerm.objects.update(end=ended, start=ended - timedelta(days=300))

    with pytest.raises(NotEligible) as refusal:
        submit(basket)

    assert str(refusal.value).endswith("Nothing has been ordered.")
    assert nothing_happened()


def test_a_funded_place_without_its_declaration(alice):
    option = factories.option(factories.event(), audience=Audience.FUNDED, price=Money(0))
    basket = hold(option, alice)
    basket.holds.update(declaration="")

    with pytest.raises(NotEligible):
        submit(basket)


def test_the_declaration_is_kept_with_the_registration(alice):
    option = factories.option(factories.event(), audience=Audience.FUNDED, price=Money(0))

    placed = order(option, by=alice)

    assert placed.registrations.get().declaration == factories.DECLARATION


def test_who_was_registered_by_somebody_else_meanwhile(alice, bob):
    option = factories.option(factories.event())
    basket = hold(option, alice)
    theirs = Basket.objects.create(
        owner=bob, held_since=basket.held_since, expires_at=basket.expires_at
    )
    kept = basket.holds.get()
    Hold.objects.filter(pk=kept.pk).update(basket=theirs)
    submit(theirs)
    kept.pk, kept.basket = None, basket
    kept.save()

    with pytest.raises(AlreadyRegistered):
        submit(basket)

    assert Order.objects.count() == 1


def test_where_billing_lacks_a_row_nothing_is_ordered(alice):
    basket = hold(factories.option(factories.event()), alice)
    SupplierDetails.objects.all().delete()

    with pytest.raises(NotReady):
        submit(basket)

    assert nothing_happened()
    assert Basket.objects.get().closed_at is None


def test_a_basket_is_ordered_by_its_owner_whoever_acts(alice, sam):
    basket = hold(factories.option(factories.event()), alice)

    placed = submit(basket, actor=sam)

    assert placed.booked_by == alice
    assert HistoryEntry.objects.get(act="ordered").actor_label == "Sam Stone"


def test_a_body_without_vat_charges_none(alice):
    SupplierDetails.objects.update(vat_number="")

    placed = order(factories.option(factories.event(), price=Money(5000)), by=alice)

    assert (placed.invoice.gross, placed.invoice.vat) == (Money(5000), Money(0))


def test_the_queries_of_submitting_are_as_many_for_three_lines_as_for_one(alice, bob):
    """None more for a line, whatever there is besides; savepoints count too."""
    for number in range(3):
        order(factories.option(factories.event(f"old-{number}")), by=bob)
    order(factories.option(factories.event()), by=alice)  # who has an account from then on
    asked = {}
    for lines in (1, 3):
        for number in range(lines):
            option = factories.option(factories.event(f"new-{lines}-{number}"))
            basket = hold(option, alice)
        basket, now = Basket.objects.get(pk=basket.pk), timezone.now()
        reviewed = review(basket, at=now).fingerprint
        with CaptureQueriesContext(connection) as queries:
            placed = submit_order(basket, actor=alice, purchase_order="", reviewed=reviewed, at=now)
        assert placed.registrations.count() == placed.invoice.lines.count() == lines
        asked[lines] = len(queries)

    assert asked[3] == asked[1] <= 35


@pytest.mark.parametrize(
    ("shown", "typed", "kept"),
    [("PO-0", "PO-0", None), ("PO-0", "", ""), ("", "", None), ("PO-0", "PO-1", None)],
)
def test_a_number_left_as_it_was_shown_follows_the_details(alice, shown, typed, kept):
    """The details have PO-1 by the time of the order."""
    alice.purchase_order_number = "PO-1"
    alice.save()
    basket = hold(factories.option(factories.event()), alice)

    placed = submit(basket, purchase_order=typed, number_shown=shown)

    own = getattr(placed.invoice, "own_purchase_order", None)
    assert (own.number if own else None) == kept
