"""The pages of an invoice: only its payer sees them."""

import io

import pytest
from django.utils.html import escape
from pypdf import PdfReader

from portal.billing.models import Invoice, TaxCode
from portal.core.models import BodyDetails
from tests import factories
from tests.billing.raising import line, pay, raised

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = ["", "print/", "pdf/", "purchase-order/"]


def words_of(response) -> str:
    """The page's words without its tags."""
    import re
    from html import unescape

    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def value_of(html: str, name: str) -> str:
    """What a browser sends for an input that nobody touches."""
    import re

    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
    assert tag
    value = re.search(r'value="([^"]*)"', tag[0])
    return value[1] if value else ""


@pytest.mark.parametrize("page", PAGES)
class TestWho:
    def test_its_payer(self, alice, client_of, page):
        invoice = raised(alice)

        assert client_of(alice).get(f"/invoices/{invoice.number}/{page}").status_code == 200

    def test_its_payer_s_browser_may_ask_for_the_head(self, alice, client_of, page):
        invoice = raised(alice)

        assert client_of(alice).head(f"/invoices/{invoice.number}/{page}").status_code == 200

    def test_nobody_else(self, alice, bob, charlie, sam, client_of, page):
        invoice = raised(alice, line(beneficiary=bob))

        for other in (bob, charlie, sam):
            assert client_of(other).get(f"/invoices/{invoice.number}/{page}").status_code == 404

    def test_a_visitor_signs_in_first(self, alice, client, page):
        address = f"/invoices/{raised(alice).number}/{page}"

        response = client.get(address)

        assert response.status_code == 302
        assert response.url.startswith("/sign-in/")
        assert address in response.url.replace("%2F", "/")

    @pytest.mark.parametrize("number", ["999999", "%00", "1%002", "x", "٠٠١"])
    def test_an_invoice_that_is_not_there(self, alice, client_of, page, number):
        assert client_of(alice).get(f"/invoices/{number}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["", "print/"])
class TestSummaryAndPrint:
    def test_what_is_shown(self, alice, client_of, page):
        invoice = raised(
            alice,
            line("60", description="Debt relief orders", detail="For Bob Brook"),
            line("12.34", description="Handbook", code=TaxCode.EXEMPT, quantity=3),
            purchase_order="PO-7",
        )
        pay(invoice, "9.02")

        words = words_of(client_of(alice).get(f"/invoices/{invoice.number}/{page}"))

        for shown in (
            f"Invoice {invoice.number}",
            invoice.reference,
            "PO-7",
            "Ms Alice Archer",
            "GB 123 4567 82",
            "Debt relief orders For Bob Brook",
            "3 £12.34 Exempt £37.02",
            "Total before VAT £97.02",
            "VAT at 20% on £60.00 £12.00",
            "Exempt on £37.02 £0.00",
            "Total £109.02",
            "Paid £9.02",
            "Balance £100.00",
            "How to pay",
            "Sort code 12-34-56",
            "Account number 12345678",
            "Make it payable to Institute of Testing",
        ):
            assert shown in words, words

    def test_without_vat(self, alice, client_of, page):
        factories.supplier(vat_number="")
        invoice = raised(alice)

        words = words_of(client_of(alice).get(f"/invoices/{invoice.number}/{page}"))

        assert "VAT" not in words
        assert "Total £100.00" in words

    def test_paid(self, alice, client_of, page):
        invoice = raised(alice)
        pay(invoice)

        words = words_of(client_of(alice).get(f"/invoices/{invoice.number}/{page}"))

        assert "How to pay" not in words
        assert "12345678" not in words
        assert "Paid" in words

    @pytest.mark.parametrize("lines", [1, 3])
    def test_queries(self, alice, client_of, django_assert_num_queries, page, lines):
        invoice = raised(alice, *[line()] * lines)
        client = client_of(alice)

        with django_assert_num_queries(6):
            client.get(f"/invoices/{invoice.number}/{page}")

    def test_the_help_names_the_invoice(self, alice, client_of, page):
        invoice = raised(alice)

        response = client_of(alice).get(f"/invoices/{invoice.number}/{page}")

        assert f"?about=Invoice%20{invoice.number}" in response.content.decode()


class TestPdf:
    def test_one_click_gives_the_file(self, alice, client_of):
        invoice = raised(alice)

        response = client_of(alice).get(f"/invoices/{invoice.number}/pdf/")

        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == (
            f'attachment; filename="invoice-{invoice.number}.pdf"'
        )
        assert response["Cache-Control"] == "private, no-store"
        [page] = PdfReader(io.BytesIO(response.content)).pages
        assert invoice.reference in page.extract_text()

    def test_summary_and_print_page_lead_to_it(self, alice, client_of):
        invoice = raised(alice)

        for page in ("", "print/"):
            response = client_of(alice).get(f"/invoices/{invoice.number}/{page}")
            assert f'href="/invoices/{invoice.number}/pdf/"' in response.content.decode()


def test_the_print_page_and_the_file_say_the_same_in_the_same_order(alice, client_of):
    BodyDetails.objects.update(website="https://www.example.org/")
    invoice = raised(alice, purchase_order="PO-7")
    browser = client_of(alice)
    page = words_of(browser.get(f"/invoices/{invoice.number}/print/"))
    file = browser.get(f"/invoices/{invoice.number}/pdf/").content
    text = " ".join(PdfReader(io.BytesIO(file)).pages[0].extract_text().split())

    for words in (page, text):
        assert "www.example.org" in words
        assert "https://" not in words
        assert "Purchase order number PO-7" in words
        bank = words.split("By bank transfer")[1]
        places = [bank.index(row) for row in ("Account name", "Sort code", "Account num", "Bank")]
        assert places == sorted(places)


class TestPurchaseOrder:
    def test_it_is_added_and_shows_at_once(self, alice, client_of):
        invoice = raised(alice)
        address = f"/invoices/{invoice.number}/purchase-order/"
        client = client_of(alice)
        assert "Add a purchase order number" in words_of(client.get(address))
        assert "Add a purchase order number" in words_of(client.get(f"/invoices/{invoice.number}/"))

        response = client.post(address, {"number": "  PO  12 "}, follow=True)

        assert response.redirect_chain == [(f"/invoices/{invoice.number}/", 302)]
        assert "Purchase order number PO 12" in words_of(response)
        assert "The purchase order number is saved." in response.content.decode()
        assert "Change purchase order number" in words_of(client.get(address))
        assert 'value="PO 12"' in client.get(address).content.decode()

    def test_emptied_the_invoice_has_none(self, alice, client_of):
        alice.purchase_order_number = "PO-1"
        alice.save()
        invoice = raised(alice, purchase_order="PO-2")
        client = client_of(alice)
        address = f"/invoices/{invoice.number}/purchase-order/"
        assert "Your details have PO-1. Enter that one" in words_of(client.get(address))

        response = client.post(address, {"number": "", "shown": "PO-2"}, follow=True)

        assert "PO-1" not in words_of(response)
        assert "PO-2" not in words_of(response)

    @pytest.mark.parametrize("own", [None, "", "PO-7"])
    def test_the_page_saved_as_it_is_changes_nothing(self, alice, client_of, own):
        alice.purchase_order_number = "PO-1"
        alice.save()
        invoice = raised(alice, purchase_order=own)
        client = client_of(alice)
        html = client.get(f"/invoices/{invoice.number}/purchase-order/").text
        as_shown = {name: value_of(html, name) for name in ("number", "shown")}
        alice.purchase_order_number = "PO-2"
        alice.save()

        client.post(f"/invoices/{invoice.number}/purchase-order/", as_shown)

        kept = getattr(Invoice.objects.get(pk=invoice.pk), "own_purchase_order", None)
        assert (kept.number if kept else None) == own

    def test_what_a_person_typed_as_their_number_is_never_markup(self, alice, client_of):
        typed = "<img src=/x><h1>Pay elsewhere</h1>"
        alice.purchase_order_number = typed
        alice.save()
        invoice = raised(alice, purchase_order="PO-2")
        page = client_of(alice).get(f"/invoices/{invoice.number}/purchase-order/")

        assert f"Your details have {escape(typed)}. Enter that one" in page.text
        assert "<img" not in page.text
        assert page.text.count("<h1") == 1

    def test_too_long_a_number_is_told_and_kept(self, alice, client_of):
        invoice = raised(alice)

        response = client_of(alice).post(
            f"/invoices/{invoice.number}/purchase-order/", {"number": "X" * 41}
        )

        html = response.content.decode()
        assert "<title>Error: " in html
        assert html.count("Purchase order number must be 40 characters or less") == 2
        assert "X" * 41 in html
        assert not hasattr(Invoice.objects.get(pk=invoice.pk), "own_purchase_order")

    def test_a_paid_invoice_keeps_its_number(self, alice, client_of):
        invoice = raised(alice, purchase_order="PO-1")
        pay(invoice)
        client = client_of(alice)
        address = f"/invoices/{invoice.number}/purchase-order/"

        got = client.get(address, follow=True)
        posted = client.post(address, {"number": "PO-2"})

        assert got.redirect_chain == [(f"/invoices/{invoice.number}/", 302)]
        sentence = "This invoice is paid, so you cannot change its purchase order number."
        assert sentence in got.content.decode()
        assert sentence in words_of(posted)
        assert "Purchase order number PO-1" in words_of(client.get(f"/invoices/{invoice.number}/"))
        assert "/purchase-order/" not in client.get(f"/invoices/{invoice.number}/").content.decode()

    def test_another_person_changes_nothing(self, alice, bob, client_of):
        invoice = raised(alice)

        response = client_of(bob).post(
            f"/invoices/{invoice.number}/purchase-order/", {"number": "PO-2"}
        )

        assert response.status_code == 404
        assert not hasattr(Invoice.objects.get(pk=invoice.pk), "own_purchase_order")
