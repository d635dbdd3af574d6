"""The invoice as a PDF, read back."""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta

import pikepdf
import pytest
from pypdf import PdfReader

from portal.billing import invoice_documents
from portal.billing.models import Invoice, TaxCode
from portal.core.dates import LONDON, short_date, today
from portal.core.documents.rendering import content_of, unshown
from tests import factories
from tests.billing.raising import line, pay, raised

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(invoice: Invoice) -> str:
    fresh = Invoice.objects.with_balance().get(pk=invoice.pk)
    return " ".join(pages_of(invoice_documents.pdf(fresh, on=today())))


def test_everything_that_a_vat_invoice_needs_is_on_it(alice):
    invoice = raised(
        alice,
        line("60", description="Debt relief orders", detail="In Leeds, for Bob Brook"),
        line("12.34", description="Handbook", code=TaxCode.EXEMPT, quantity=3),
        purchase_order="PO-77/12",
    )

    text = text_of(invoice)

    for words in (
        f"Invoice number {invoice.number}",
        f"Payment reference {invoice.reference}",
        "Purchase order number PO-77/12",
        "Our VAT number GB 123 4567 82",
        "Ms Alice Archer 1 Test Street Leeds LS1 4AP",
        "Debt relief orders In Leeds, for Bob Brook 1 £60.00 20% £60.00",
        "Handbook 3 £12.34 Exempt £37.02",
        "Exempt: VAT Act 1994, Schedule 9, Group 9",
        "Total before VAT £97.02",
        "VAT at 20% on £60.00 £12.00",
        "Exempt on £37.02 £0.00",
        "Total £109.02",
        "How to pay £109.02 by",
        "Sort code 12-34-56",
        "Account number 12345678",
        f"Reference {invoice.reference}",
        "Payable to Institute of Testing",
        "Institute of Testing Limited, company number 01234567, VAT number GB 123 4567 82.",
        "Registered office: 1 Test Street, Leeds, LS1 4AP.",
        "Page 1 of 1",
    ):
        assert words in text, text


def test_an_overdue_one_says_to_pay_now(alice, time_machine):
    invoice = raised(alice)

    time_machine.move_to(datetime.combine(invoice.due_on, time(12), LONDON))
    assert f"How to pay £120.00 by {short_date(invoice.due_on)} By bank" in text_of(invoice)

    time_machine.shift(timedelta(days=1))
    late = f"How to pay £120.00 now: it was due on {short_date(invoice.due_on)} By bank"
    assert late in text_of(invoice)


def test_a_body_that_is_not_registered_says_nothing_of_vat(alice):
    factories.supplier(vat_number="")

    text = text_of(raised(alice))

    assert "VAT" not in text
    assert "Debt relief orders 1 £100.00 £100.00 Total £100.00" in text


def test_a_purchase_order_number_and_a_payment_show_at_once(alice):
    invoice = raised(alice)
    assert "Purchase order number" not in text_of(invoice)

    alice.purchase_order_number = "PO-9"
    alice.save()
    pay(invoice, "20")
    text = text_of(invoice)

    assert "Purchase order number PO-9" in text
    assert "Paid −£20.00 Balance to pay £100.00" in text
    assert "How to pay £100.00" in text


def test_a_paid_invoice_says_so_and_asks_for_nothing(alice):
    invoice = raised(alice)
    pay(invoice)

    text = text_of(invoice)

    assert "Paid on" in text
    assert "Nothing more to pay" in text
    assert "How to pay" not in text


def test_a_long_invoice_repeats_its_head_and_counts_its_pages(alice):
    invoice = raised(alice, *[line("1", description=f"Place {n:03d}") for n in range(1, 301)])

    pages = pages_of(invoice_documents.pdf(invoice, on=today()))

    assert len(pages) > 5
    with_lines = [page for page in pages if "Place " in page]
    assert all("Description Quantity Unit price VAT rate Net" in page for page in with_lines)
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    for number in range(1, 301):
        assert sum(f"Place {number:03d} " in page for page in pages) == 1
    assert sum("Total £360.00" in page for page in pages) == 1


def test_words_without_end_stay_on_the_page(alice):
    invoice = raised(alice, line(description="W" * 250, detail="W" * 250), purchase_order="W" * 40)

    first, *_ = PdfReader(io.BytesIO(invoice_documents.pdf(invoice, on=today()))).pages
    ends = []

    def visit(text, _cm, tm, _font, size):
        # No letter is wider than its size: the last one begins left of the margin.
        if text.strip():
            ends.append(tm[4] + 0.9 * abs(size) * len(text.strip()))

    first.extract_text(visitor_text=visit)
    assert len(ends) > 20
    assert max(ends) < float(first.mediabox.width)


def test_the_same_state_gives_the_same_bytes(alice):
    invoice = raised(alice)

    assert invoice_documents.pdf(invoice, on=today()) == invoice_documents.pdf(
        Invoice.objects.get(pk=invoice.pk), on=today()
    )


def test_it_claims_pdf_a_3a_and_pdf_ua_1(alice):
    invoice = raised(alice)

    with pikepdf.open(io.BytesIO(invoice_documents.pdf(invoice, on=today()))) as pdf:
        metadata = pdf.open_metadata()
        claims = {
            name: metadata.get(name)
            for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part", "dc:title")
        }
        root = pdf.Root
        told = {
            "language": str(root.Lang),
            "is_marked": bool(root.MarkInfo.Marked),
            "shows_title": bool(root.ViewerPreferences.DisplayDocTitle),
            "has_structure": "/StructTreeRoot" in root,
        }

    assert claims == {
        "pdfaid:part": "3",
        "pdfaid:conformance": "A",
        "pdfuaid:part": "1",
        "dc:title": f"Invoice {invoice.number} from Institute of Testing",
    }
    assert told == {
        "language": "en-GB",
        "is_marked": True,
        "shows_title": True,
        "has_structure": True,
    }


def test_the_document_as_mailed_is_of_the_day_of_issue(alice):
    """Also where it is set, or the invoice raised, long after: the demo's year, a late worker."""
    invoice = raised(alice, at=datetime(2026, 5, 9, 12, tzinfo=LONDON))

    [text] = pages_of(content_of(invoice.issued_document.document))

    assert "How to pay £120.00 by 8 June 2026" in text


def test_a_long_purchase_order_number_breaks_and_holds_no_hidden_character(alice):
    number = "PO20261125ABCDEFGHIJKLMNOPQRSTUVWXYZ0042"
    [text] = pages_of(invoice_documents.pdf(raised(alice, purchase_order=number), on=today()))

    assert "\u200b" not in text
    assert number in text.replace(" ", "")


def test_the_document_as_mailed_is_kept(alice):
    invoice = raised(alice, purchase_order="PO-1")
    document = invoice.issued_document.document
    alice.last_name = "Married"
    alice.save()
    pay(invoice)

    mailed = content_of(document)

    [text] = pages_of(mailed)
    assert "Purchase order number PO-1" in text
    assert "How to pay £120.00" in text
    assert content_of(type(document).objects.get(pk=document.pk)) == mailed


class TestLetters:
    def test_only_the_letter_that_is_missing_is_replaced(self, alice):
        alice.first_name, alice.last_name = "Łucja", "Đặng 山 Ωmega"
        alice.save()

        assert "Ms Łucja Đặng ? Ωmega" in text_of(raised(alice))

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [
            ("Zoe\u0308 山", "Zoë ?"),
            ("Şahin Đặng 你", "Şahin Đặng ?"),
            ("Ğ 😀 Ő", "Ğ ? Ő"),
            ("山田太郎", "????"),
        ],
    )
    def test_its_neighbours_stay(self, alice, typed, shown):
        invoice = raised(alice, line(description=typed, detail="Ætheling – “Ångström” №5"))

        text = text_of(invoice)

        assert f"{shown} Ætheling – “Ångström” №5" in text

    def test_what_cannot_be_shown_is_known_before(self):
        assert unshown("Łucja Ångström № “x”") == ""
        assert unshown("Zoe\u0308 山 and 山田") == "山田"


LONG = {
    "line_1": "Western Seaboard Technological University of the North, Northern Campus East",
    "line_2": "Institute for Household Finance, Centre for Consumer Research and Debt Advice",
    "line_3": "Second Floor, Old Mill Building, Quayside Business Park, Harbour Road North",
    "town": "Saint-Germain-en-Laye-sous-Bois-et-Forêts-Anciennes",
    "county": "County of the Northern Coast and its Islands",
    "country": "IE",
}


def bottom_and_top(invoice, above, below):
    """Where two texts stand on the first page, from the foot up, in points."""
    page = PdfReader(io.BytesIO(invoice_documents.pdf(invoice, on=today()))).pages[0]
    stands = {}

    def visit(text, cm, tm, _font, _size):
        for words in (above, below):
            if words in text:
                stands.setdefault(words, tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    page.extract_text(visitor_text=visit)
    return stands[above], stands[below]


class TestRoom:
    def test_an_address_of_any_length_ends_above_the_word_invoice(self, alice):
        alice.addresses.update(**LONG)
        invoice = raised(alice)

        address, title = bottom_and_top(invoice, "Ireland", "Invoice 0")

        assert address > title + 20

    def test_a_usual_one_keeps_its_place_in_the_window(self, alice, bob):
        bob.addresses.update(**LONG)

        usual, _ = bottom_and_top(raised(alice), "Archer", "Invoice 0")
        long, _ = bottom_and_top(raised(bob), "Brook", "Invoice 0")

        assert usual == pytest.approx(long)
        assert 842 - 75 * 2.835 < usual < 842 - 57 * 2.835  # points: 57 to 75 mm down

    @pytest.mark.parametrize("count", range(6, 13))
    def test_totals_are_never_alone_on_a_page(self, alice, count):
        """Some of these numbers fill a page with the lines alone, on two of which this was so."""
        invoice = raised(
            alice, *[line("1", description=f"Place {n:02d}", detail="x") for n in range(count)]
        )

        pages = pages_of(invoice_documents.pdf(invoice, on=today()))

        [ends] = [page for page in pages if "Total before VAT" in page]
        assert f"Place {count - 1:02d} x" in ends
        for n in range(count):
            assert sum(f"Place {n:02d} x" in page for page in pages) == 1

    def test_a_reference_never_breaks(self, alice):
        factories.body(short_name="ABCDEFGHIJ")
        factories.supplier(cheque_payable_to="The Institute of Testing and Others")
        invoice = raised(alice)
        reader = PdfReader(io.BytesIO(invoice_documents.pdf(invoice, on=today())))

        lines = "\n".join(page.extract_text() for page in reader.pages).splitlines()

        assert len(invoice.reference) == 18
        assert sum(each.count(invoice.reference) for each in lines) == 3

    @pytest.mark.parametrize(
        "field", ["account_name", "bank_name", "cheque_payable_to", "cheque_address"]
    )
    def test_a_long_word_breaks_wherever_it_stands(self, alice, field):
        factories.supplier(**{field: "W" * 60})
        page = PdfReader(io.BytesIO(invoice_documents.pdf(raised(alice), on=today()))).pages[0]
        ends = []

        def visit(text, _cm, tm, _font, size):
            if "WW" in text:
                ends.append(tm[4] + 0.9 * abs(size) * len(text.strip()))

        page.extract_text(visitor_text=visit)
        assert ends
        assert max(ends) < float(page.mediabox.width) - 40
