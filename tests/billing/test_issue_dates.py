"""The dates of invoices go with their numbers, whatever the clock says."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.billing import readiness
from portal.billing.models import Invoice, TaxRate
from portal.core.dates import on_day
from portal.core.models import ClockMark, HistoryEntry, OutgoingMail
from tests import factories
from tests.billing.raising import raised

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-10-08T09:00Z")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def believed():
    """The clock has been believed until NOW, which it is."""
    ClockMark.objects.update(at=NOW)
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.mark.parametrize("behind", [timedelta(seconds=1), DAY, 2 * DAY, 100 * DAY])
def test_a_clock_that_is_behind_dates_no_invoice_before_the_one_before_it(alice, bob, behind):
    first = raised(alice, at=NOW)

    second = raised(bob, at=NOW - behind)

    assert second.sequence == first.sequence + 1
    second.refresh_from_db()
    assert (second.issued_at, second.issued_on) == (first.issued_at, first.issued_on)
    assert (second.tax_point, second.due_on) == (first.tax_point, first.due_on)
    assert raised(bob, at=NOW + DAY).issued_on == first.issued_on + DAY


def test_what_stands_on_it_holds_on_its_date(alice):
    """A new rate, a new bank and other days to pay from the day that it bears."""
    day = on_day(NOW)
    TaxRate.objects.create(code="S", valid_from=day, basis_points=2500)
    factories.supplier(valid_from=day, account_number="87654321", payment_days=14)
    raised(alice, at=NOW)

    invoice = raised(alice, at=NOW - DAY)

    assert invoice.lines.get().tax.rate == "25%"
    assert invoice.supplier["account_number"] == "87654321"
    assert invoice.due_on == day + 14 * DAY
    data = invoice.issued_document.document.data
    assert data == Invoice.objects.first().issued_document.document.data | {
        key: data[key] for key in ("number", "reference")
    }


def test_the_history_and_the_log_have_what_the_clock_said(alice, caplog):
    raised(alice, at=NOW)
    invoice = raised(alice, at=NOW - DAY)

    entry = HistoryEntry.objects.get(act="invoice raised", object_id=str(invoice.pk))
    assert entry.at == NOW - DAY
    assert entry.detail == {"total": "£120.00", "issued_on": "2026-10-08"}
    assert "The clock says 7 October 2026" in caplog.text
    assert OutgoingMail.objects.filter(created_at=NOW).count() == 2


def test_two_of_one_day_need_no_word(alice, caplog):
    """Two at once may take their numbers in the other order than they asked the clock."""
    raised(alice, at=NOW)
    invoice = raised(alice, at=NOW - timedelta(seconds=1))

    assert "issued_on" not in HistoryEntry.objects.latest("pk").detail
    assert invoice.issued_at == NOW
    assert caplog.text == ""


def test_the_office_reads_that_the_clock_is_behind(alice, sam, client_of, believed):
    invoice = raised(alice, at=NOW)
    believed.shift(-DAY)

    (told,) = readiness.missing(on_day(timezone.now()))

    assert told == (
        f"The clock of this machine is behind. Invoice {invoice.number} bears 8 October 2026, "
        "and the clock says 7 October 2026. Set the clock. Until then, no invoice gets an "
        "earlier date than the one before it."
    )
    assert told in client_of(sam).get("/office/").text
    believed.shift(DAY)
    assert readiness.missing(on_day(timezone.now())) == []


def test_an_invoice_of_a_clock_far_ahead_draws_no_other_after_it(alice, believed):
    """Else a hundred days of invoices would bear the date of one mistake."""
    raised(alice, at=NOW)
    wrong = raised(alice, at=NOW + 100 * DAY)
    (told,) = readiness.missing(on_day(NOW))
    assert told.startswith(f"Invoice {wrong.number} bears 16 January 2027, which is to come")

    right = raised(alice, at=NOW + timedelta(hours=1))

    assert right.issued_on == date(2026, 10, 8)
    assert readiness.missing(on_day(NOW)) == []
    assert raised(alice, at=NOW).issued_on == date(2026, 10, 8)


def test_one_of_a_clock_a_week_ahead_does(alice):
    raised(alice, at=NOW + 7 * DAY)

    assert raised(alice, at=NOW).issued_on == date(2026, 10, 15)
