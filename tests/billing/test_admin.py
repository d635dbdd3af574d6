"""Billing in the office: settings to edit, issued rows to look up."""

import re
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from portal.billing.models import InvoiceSeries, TaxRate
from portal.core.documents.rendering import content_of
from portal.core.models import HistoryEntry
from tests.billing.raising import line, pay, raised
from tests.billing.test_documents import pages_of

pytestmark = pytest.mark.django_db


def series_page(series):
    return f"/office/billing/invoiceseries/{series.pk}/change/"


def test_a_series_begins_where_another_system_ended(sam, client_of):
    series = InvoiceSeries.objects.get()
    client = client_of(sam)

    none = client.post(series_page(series), {"prefix": "", "next_number": 0})
    wanted = client.post(series_page(series), {"prefix": "", "next_number": 4001})

    assert "Numbers start at 1" in none.content.decode()
    assert wanted.status_code == 302
    assert InvoiceSeries.objects.get().next_number == 4001
    assert HistoryEntry.objects.get().detail["after"] == {"next_number": "4001"}


@pytest.mark.parametrize("step", [-1, 100])
def test_once_a_number_was_given_out_the_counter_is_not_typed(sam, alice, client_of, step):
    """Lower would give a number twice, higher would leave a gap."""
    raised(alice)
    series = InvoiceSeries.objects.get()

    client_of(sam).post(
        series_page(series), {"prefix": "", "next_number": series.next_number + step}
    )

    assert InvoiceSeries.objects.get().next_number == series.next_number


def test_a_prefix_is_of_capital_letters(sam, client_of):
    series = InvoiceSeries.objects.get()

    response = client_of(sam).post(
        f"/office/billing/invoiceseries/{series.pk}/change/",
        {"prefix": "24", "next_number": series.next_number},
    )

    assert "Use capital letters, such as INV or INV-." in response.content.decode()


def test_the_office_has_the_invoice_as_it_stands_and_as_it_was_mailed(sam, alice, client_of):
    invoice = raised(alice, purchase_order="PO-1")
    content_of(invoice.issued_document.document)  # as when the mail goes out
    pay(invoice)
    office = client_of(sam)
    page = office.get(f"/office/billing/invoice/{invoice.pk}/change/").content.decode()
    links = re.findall(r'href="(/office/billing/invoice/\d+/pdf[\w-]*/)"', page)

    files = [office.get(link) for link in links]

    assert [file["Content-Type"] for file in files] == ["application/pdf"] * 2
    now, mailed = ("".join(pages_of(file.content)) for file in files)
    assert "Nothing more to pay" in now
    assert "How to pay £120.00" in mailed
    assert "Bank name: Test Bank" in page
    assert "Registered office: 1 Test Street, Leeds, LS1 4AP" in page
    assert "20%" in page
    for link in links:
        assert client_of(alice).get(link).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_an_invoice_is_looked_up_with_as_many_queries_for_three_rows_as_for_one(
    sam, alice, bob, client_of, django_assert_num_queries, rows
):
    invoice = raised(alice, *[line("30", beneficiary=bob)] * rows)
    for _ in range(rows):
        payment = pay(invoice, "10", is_another=True)
    office = client_of(sam)
    ContentType.objects.clear_cache()

    with django_assert_num_queries(8):
        page = office.get(f"/office/billing/invoice/{invoice.pk}/change/").content.decode()
    assert page.count("Bob Brook") == rows
    assert page.count("£10.00 on ") == rows

    with django_assert_num_queries(9):
        office.get(f"/office/billing/payment/{payment.pk}/change/")


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
    shown = series.next_number
    raised(alice)

    saved = client_of(sam).post(series_page(series), {"prefix": "INV-", "next_number": shown})

    assert saved.status_code == 302
    series.refresh_from_db()
    assert (series.prefix, series.next_number) == ("INV-", shown + 1)


def rate_typed(code, percent):
    return {"code": code, "valid_from": "2031-01-01", "basis_points": percent, "reason": ""}


@pytest.mark.parametrize(
    ("code", "percent", "basis_points"),
    [("S", "22", 2200), ("AA", "17.5", 1750), ("AA", "5%", 500), ("Z", "0", 0), ("E", "0", 0)],
)
def test_a_rate_is_typed_in_percent(sam, client_of, code, percent, basis_points):
    client = client_of(sam)

    assert client.post("/office/billing/taxrate/add/", rate_typed(code, percent)).status_code == 302
    rate = TaxRate.objects.get(valid_from__year=2031)
    assert rate.basis_points == basis_points
    shown = client.get(f"/office/billing/taxrate/{rate.pk}/change/").content.decode()
    assert f'value="{percent.strip("%")}"' in shown


@pytest.mark.parametrize(
    ("code", "percent", "sentence"),
    [
        ("S", "", "Enter the rate in percent, such as 20."),
        ("S", "0", "“Standard rate” needs a rate above 0 and up to 100, such as 20."),
        ("AA", "0", "“Reduced rate” needs a rate above 0"),
        ("S", "2000", "100"),
        ("E", "20", "“Exempt” has no VAT. Enter 0, or choose another code."),
        ("O", "20", "“Outside the scope of VAT” has no VAT"),
        ("Z", "20", "“Zero rate” has no VAT"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(sam, client_of, code, percent, sentence):
    html = client_of(sam).post("/office/billing/taxrate/add/", rate_typed(code, percent))

    assert html.status_code == 200
    assert sentence in html.content.decode()
    assert not TaxRate.objects.filter(valid_from__year=2031).exists()


@pytest.mark.parametrize(("code", "basis_points"), [("E", 2000), ("S", 0), ("S", 10_001)])
def test_the_database_refuses_such_a_rate_too(code, basis_points):
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRate.objects.create(code=code, valid_from=date(2031, 1, 1), basis_points=basis_points)
