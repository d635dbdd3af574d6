"""Billing in the office: settings to edit, issued rows to look up."""

import pytest

from portal.billing.models import InvoiceSeries
from tests.billing.raising import pay, raised

pytestmark = pytest.mark.django_db


def test_a_number_that_was_given_out_cannot_come_again(sam, alice, client_of):
    raised(alice)
    series = InvoiceSeries.objects.get()
    client = client_of(sam)
    address = f"/office/billing/invoiceseries/{series.pk}/change/"

    lower = client.post(address, {"prefix": "", "next_number": series.next_number - 1})
    higher = client.post(address, {"prefix": "", "next_number": series.next_number + 100})

    assert f"The next number is {series.next_number}." in lower.content.decode()
    assert higher.status_code == 302
    assert InvoiceSeries.objects.get().next_number == series.next_number + 100


def test_a_prefix_is_of_capital_letters(sam, client_of):
    series = InvoiceSeries.objects.get()

    response = client_of(sam).post(
        f"/office/billing/invoiceseries/{series.pk}/change/",
        {"prefix": "24", "next_number": series.next_number},
    )

    assert "Use capital letters, such as INV or INV-." in response.content.decode()


@pytest.mark.parametrize("model", ["invoice", "payment"])
def test_issued_rows_are_to_be_looked_up_only(sam, alice, client_of, model):
    invoice = raised(alice)
    payment = pay(invoice)
    client = client_of(sam)
    pk = {"invoice": invoice, "payment": payment}[model].pk

    listed = client.get(f"/office/billing/{model}/")
    shown = client.get(f"/office/billing/{model}/{pk}/change/")

    assert invoice.number in listed.content.decode()
    assert invoice.number in shown.content.decode()
    assert "_save" not in shown.content.decode()
    assert client.get(f"/office/billing/{model}/add/").status_code == 403
    assert client.post(f"/office/billing/{model}/{pk}/change/", {}).status_code == 403
    assert client.post(f"/office/billing/{model}/{pk}/delete/", {}).status_code == 403


@pytest.mark.parametrize("model", ["supplierdetails", "taxrate", "invoiceseries"])
def test_settings_can_be_listed_and_added(sam, client_of, model):
    client = client_of(sam)

    assert client.get(f"/office/billing/{model}/").status_code == 200
    assert client.get(f"/office/billing/{model}/add/").status_code == 200


def test_changing_a_series_leaves_its_counter_alone(sam, alice, client_of):
    """An invoice raised between showing the page and saving it keeps its number."""
    series = InvoiceSeries.objects.get()
    address = f"/office/billing/invoiceseries/{series.pk}/change/"
    shown = series.next_number
    raised(alice)

    stale = client_of(sam).post(address, {"prefix": "INV-", "next_number": shown})
    fresh = client_of(sam).post(address, {"prefix": "INV-", "next_number": shown + 1})

    assert stale.status_code == 200
    assert fresh.status_code == 302
    series.refresh_from_db()
    assert (series.prefix, series.next_number) == ("INV-", shown + 1)
