"""Credit notes: what they credit, what they say, and where the money goes."""

import io
import re
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.billing import credit_note_documents, issue_dates
from portal.billing.accounts import account_of, add_contact
from portal.billing.allocating import MoneyRefused, allocate, take_back
from portal.billing.credit_to_use import credits_of
from portal.billing.crediting import LineCredit, issue_credit_note
from portal.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceSeries, TaxCode
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import today
from portal.core.documents.rendering import content_of
from portal.core.models import HistoryEntry, OutgoingMail
from portal.core.money import Money
from portal.core.rows.immutable import Immutable
from tests import factories
from tests.billing.raising import line, pay, raised
from tests.billing.test_documents import pages_of

pytestmark = pytest.mark.django_db


def credit(invoice, *lines, reason="Course cancelled", at=None):
    return issue_credit_note(
        invoice,
        reason=reason,
        lines=lines or None,
        actor="the office",
        at=at or timezone.now(),
    )


def now(row):
    return type(row).objects.get(pk=row.pk)


class TestHowMuch:
    def test_the_whole_invoice(self, alice):
        invoice = raised(alice, line("60"), line("12.34", code=TaxCode.EXEMPT, quantity=3))

        note = credit(invoice)

        assert (note.net, note.vat, note.gross) == (Money(9702), Money(1200), invoice.gross)
        assert [(row.quantity, row.net) for row in note.lines.all()] == [
            (1, Money(6000)),
            (3, Money(3702)),
        ]
        assert (now(invoice).status, now(invoice).balance, note.left) == (
            "Credited",
            Money(0),
            Money(0),
        )

    def test_a_line_so_many_and_an_amount(self, alice):
        invoice = raised(alice, line("60"), line("10", quantity=3), line("50", code=TaxCode.EXEMPT))

        note = credit(
            invoice, LineCredit(1), LineCredit(2, quantity=2), LineCredit(3, net=Money(500))
        )

        assert [(row.quantity, row.net) for row in note.lines.all()] == [
            (1, Money(6000)),
            (2, Money(2000)),
            (0, Money(500)),
        ]
        assert (note.gross, note.vat) == (Money(10_100), Money(1600))
        assert now(invoice).status == "Part credited"
        assert now(invoice).balance == invoice.gross - note.gross

    def test_all_that_is_left_after_what_was_credited_before(self, alice):
        invoice = raised(alice, line("10", quantity=3))
        credit(invoice, LineCredit(1, quantity=1))
        credit(invoice, LineCredit(1, net=Money(500)))

        note = credit(invoice)

        assert (note.net, note.lines.get().quantity) == (Money(1500), 0)
        assert now(invoice).status == "Credited"

    @pytest.mark.parametrize("pence", [1, 3, 7, 99])
    def test_the_parts_of_an_invoice_credit_its_vat_to_the_penny(self, alice, pence):
        """20% of £0.03 is a penny, thrice £0.01 would be nothing: rounding is of what is left."""
        amount = Money(pence)
        invoice = raised(alice, *[line(str(amount)[1:])] * 3)

        notes = [credit(invoice, LineCredit(position)) for position in (1, 2, 3)]

        assert Money.total(note.vat for note in notes) == invoice.vat
        assert now(invoice).balance == Money(0)

    @pytest.mark.parametrize(
        ("lines", "sentence"),
        [
            ([LineCredit(3)], "has no line 3. Its lines are 1 to 2"),
            ([LineCredit(0)], "has no line 0"),
            ([LineCredit(1), LineCredit(1)], "Line 1 is given twice"),
            ([LineCredit(1, quantity=3)], r"Credit from 1 to 2 of line 1 .*: 3 cannot be credited"),
            ([LineCredit(1, quantity=0)], "Credit from 1 to 2 of line 1 .*: 0 cannot"),
            ([LineCredit(1, net=Money(20_001))], r"£200\.01 is more than the £200\.00 before VAT"),
            ([LineCredit(1, net=Money(0))], "must be more than £0.00"),
            ([LineCredit(2)], "All of line 2"),
        ],
    )
    def test_never_more_than_is_left(self, alice, lines, sentence):
        invoice = raised(alice, line("100", quantity=2), line("50"))
        credit(invoice, LineCredit(2))

        with pytest.raises(MoneyRefused, match=sentence):
            credit(invoice, *lines)

        assert CreditNote.objects.count() == 1
        assert InvoiceSeries.objects.get(code="credit").next_number == 2

    def test_not_so_many_as_the_money_left_of_it(self, alice):
        invoice = raised(alice, line("10", quantity=2))
        credit(invoice, LineCredit(1, net=Money(1500)))

        with pytest.raises(MoneyRefused, match=r"£10\.00 is more than the £5\.00"):
            credit(invoice, LineCredit(1, quantity=1))

    def test_it_needs_a_reason_and_something_left(self, alice):
        invoice = raised(alice)

        with pytest.raises(MoneyRefused, match="Say why"):
            credit(invoice, reason=" ")
        credit(invoice)
        with pytest.raises(MoneyRefused, match="All of invoice"):
            credit(invoice)

    def test_without_vat(self, alice):
        factories.supplier(vat_number="")
        note = credit(raised(alice))

        assert (note.gross, note.vat, note.rates) == (Money(10_000), Money(0), [])
        [text] = pages_of(credit_note_documents.pdf(note))
        assert "VAT" not in text


class TestWhereTheMoneyGoes:
    def test_of_a_paid_invoice_it_becomes_credit(self, alice):
        invoice = raised(alice)
        pay(invoice)

        note = credit(invoice, LineCredit(1, net=Money(5000)))

        assert (note.left, credits_of(note.account)) == (Money(6000), [note])
        assert (now(invoice).status, now(invoice).paid) == ("Part credited", Money(12_000))

    def test_of_one_paid_in_part_it_takes_off_what_is_owed_first(self, alice):
        invoice = raised(alice)
        pay(invoice, "100")

        note = credit(invoice, LineCredit(1, net=Money(5000)))

        assert (now(invoice).balance, note.left) == (Money(0), Money(4000))

    def test_it_pays_the_next_invoice_or_is_refunded(self, alice):
        invoice, following = raised(alice), raised(alice)
        pay(invoice)
        note = credit(invoice)

        allocate(note, invoice=following, amount=Money(2000), actor="sam", at=timezone.now())
        refund(note.account, amount=Money(10_000), paid_on=today(), actor="x", at=timezone.now())

        assert now(note).left == Money(0)
        assert (now(following).balance, now(following).status) == (Money(10_000), "Part paid")

    def test_it_goes_to_its_own_invoice_before_that_is_owed_again(self, alice):
        invoice = raised(alice)
        payment = pay(invoice)
        note = credit(invoice)

        take_back(payment.allocations.get(), actor="sam", at=timezone.now())

        assert (now(invoice).balance, now(note).left) == (Money(0), Money(0))
        assert credits_of(note.account) == [payment]
        with pytest.raises(MoneyRefused, match="it stays allocated to it"):
            take_back(note.allocations.get(), actor="sam", at=timezone.now())

    def test_where_it_was_used_the_payment_stays(self, alice):
        invoice = raised(alice)
        payment = pay(invoice)
        note = credit(invoice)
        refund(note.account, amount=note.gross, paid_on=today(), actor="x", at=timezone.now())

        with pytest.raises(MoneyRefused, match="that credit has been used"):
            take_back(payment.allocations.get(), actor="sam", at=timezone.now())

        assert credits_of(note.account) == []

    def test_it_is_of_its_own_account(self, alice, bob):
        invoice = raised(alice)
        pay(invoice)

        with pytest.raises(MoneyRefused, match="of the same account"):
            allocate(credit(invoice), invoice=raised(bob), actor="sam", at=timezone.now())

    def test_what_was_written_off_is_no_credit(self, alice):
        invoice = raised(alice)
        write_off(invoice, reason="gone", actor="sam", at=timezone.now())

        with pytest.raises(MoneyRefused, match="written off"):
            credit(invoice)

    def test_activity_shows_the_credit(self, alice, bob, client_of):
        invoice = raised(alice)
        pay(invoice)
        credit(invoice)

        seen = client_of(alice).get("/account/activity/").content.decode()

        assert "£120.00</strong> of credit" in seen
        assert "Credited" in seen
        assert "of credit" not in client_of(bob).get("/account/activity/").content.decode()


class TestNumbers:
    def test_a_series_of_its_own_without_gaps(self, alice):
        first = credit(raised(alice))
        with pytest.raises(MoneyRefused):
            credit(raised(alice), LineCredit(9))
        second = credit(raised(alice))

        assert (first.number, second.number) == ("CN-000001", "CN-000002")
        assert set(Invoice.objects.values_list("sequence", flat=True)) == {1, 2, 3}

    def test_it_is_never_dated_before_the_one_before_it(self, alice, caplog):
        at = timezone.now()
        credit(raised(alice, at=at), at=at)

        note = credit(raised(alice, at=at), at=at - timedelta(days=2))

        assert note.issued_at == at
        assert "credit note CN-000001 is dated" in caplog.text
        assert issue_dates.newest_in("credit") == note

    def test_the_rows_do_not_change(self, alice):
        note = credit(raised(alice))
        for row in (note, note.lines.get()):
            with pytest.raises(Immutable):
                row.save()
            with pytest.raises(Immutable):
                row.delete()
            with (
                pytest.raises(DatabaseError, match="do not change"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"UPDATE {row._meta.db_table} SET id = id")
        with pytest.raises(IntegrityError), transaction.atomic():
            CreditNoteLine.objects.create(
                credit_note=note,
                invoice_line=note.lines.get().invoice_line,
                position=2,
                description="again",
                quantity=1,
                net=Money(1),
                tax_code="S",
                tax_basis_points=2000,
            )


class TestDocument:
    def test_all_that_it_must_say_is_on_it(self, alice):
        invoice = raised(alice, line("60", detail="Bob Brook: Place"))
        pay(invoice, "20")

        note = credit(invoice, LineCredit(1, net=Money(5500)), reason="Bob Brook was ill")
        [text] = pages_of(credit_note_documents.pdf(note))

        for words in (
            "Credit note CN-000001",
            f"Of invoice {invoice.number}",
            "Reason: Bob Brook was ill",
            "Our VAT number GB 123 4567 82",
            "Ms Alice Archer 1 Test Street Leeds LS1 4AP",
            "Debt relief orders Bob Brook: Place Part 20% £55.00",
            "Total before VAT £55.00",
            "VAT at 20% on £55.00 £11.00",
            "Total credited £66.00",
            f"Taken off invoice {invoice.number} £52.00",
            "Credit on the account £14.00",
            "company number 01234567",
            "Page 1 of 1",
        ):
            assert words in text, text
        assert "How to pay" not in text

    def test_it_claims_pdf_a_3a_and_pdf_ua_1(self, alice):
        note = credit(raised(alice))

        with pikepdf.open(io.BytesIO(credit_note_documents.pdf(note))) as pdf:
            metadata = pdf.open_metadata()
            names = ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part", "dc:title")
            assert [metadata.get(name) for name in names] == [
                "3",
                "A",
                "1",
                "Credit note CN-000001 from Institute of Testing",
            ]

    def test_neither_it_nor_the_invoice_as_mailed_changes(self, alice):
        invoice = raised(alice)
        mailed = content_of(invoice.issued_document.document)
        pay(invoice)
        note = credit(invoice)
        as_issued = credit_note_documents.pdf(note)
        kept = content_of(note.issued_document.document)

        refund(note.account, amount=Money(2000), paid_on=today(), actor="x", at=timezone.now())
        factories.body(name="Renamed Institute")

        assert credit_note_documents.pdf(now(note)) == as_issued == kept
        assert bytes(now(invoice).issued_document.document.content) == mailed

    def test_it_is_mailed_as_the_invoice_is(self, alice, bob):
        firm = account_of(factories.organisation(), at=timezone.now())
        firm.address = "1 High Street"
        firm.save()
        for person in (alice, bob):
            add_contact(firm, person=person, actor="sam", at=timezone.now())
        invoice = raised(firm.organisation)

        note = credit(invoice, LineCredit(1, net=Money(1000)))

        mails = list(OutgoingMail.objects.filter(kind="credit_note").order_by("pk"))
        assert [mail.to for mail in mails] == [alice.email, bob.email]
        assert mails[0].subject == (
            f"Credit note CN-000001 from Institute of Testing (invoice {invoice.number})"
        )
        assert "You still have £108.00 to pay on the invoice." in mails[0].text
        assert {mail.documents.get() for mail in mails} == {note.issued_document.document}
        assert HistoryEntry.objects.get(act="credited").detail == {
            "credit_note": "CN-000001",
            "amount": "£12.00",
            "reason": "Course cancelled",
        }


class TestPages:
    PAGES = ("", "print/", "pdf/")

    def test_who_sees_the_invoice_sees_them(self, alice, bob, client_of):
        note = credit(raised(alice))
        for who, status in ((alice, 200), (bob, 404)):
            client = client_of(who)
            assert [
                client.get(f"/credit-notes/{note.number}/{page}").status_code for page in self.PAGES
            ] == [status] * 3

    @pytest.mark.parametrize("page", ["", "print/"])
    def test_they_say_what_is_credited_and_why(self, alice, client_of, page):
        note = credit(raised(alice), reason="<b>Cancelled</b>")

        seen = client_of(alice).get(f"/credit-notes/{note.number}/{page}").content.decode()

        for words in (note.number, note.invoice.number, "£120.00", "&lt;b&gt;Cancelled"):
            assert words in seen

    @pytest.mark.parametrize("page", ["", "print/"])
    def test_they_say_what_became_of_it(self, alice, client_of, page):
        invoice = raised(alice)
        pay(invoice, "50")
        note = credit(invoice)

        seen = client_of(alice).get(f"/credit-notes/{note.number}/{page}").text
        rows = " ".join(re.sub("<.*?>", " ", seen).split())

        assert f"Taken off invoice {invoice.number} £70.00" in rows
        assert "Credit on the account £50.00" in rows
        assert ("£50.00 is credit to use" in rows) == (page == "")

    def test_the_invoice_names_them(self, alice, client_of):
        invoice = raised(alice)
        note = credit(invoice, LineCredit(1, net=Money(1000)))

        for page in ("", "print/"):
            seen = client_of(alice).get(f"/invoices/{invoice.number}/{page}").content.decode()
            assert "£12.00" in seen
            assert "£108.00" in seen
        seen = client_of(alice).get(f"/invoices/{invoice.number}/").content.decode()
        assert f"/credit-notes/{note.number}/" in seen

    def test_the_office_has_them(self, alice, sam, client_of):
        note = credit(raised(alice))
        office = client_of(sam)

        assert note.number in office.get("/office/billing/creditnote/").content.decode()
        shown = office.get(f"/office/billing/creditnote/{note.pk}/change/").content.decode()
        assert f"/office/billing/creditnote/{note.pk}/pdf/" in shown
        file = office.get(f"/office/billing/creditnote/{note.pk}/pdf/")
        assert file["Content-Type"] == "application/pdf"
        assert client_of(alice).get(f"/office/billing/creditnote/{note.pk}/pdf/").status_code == 302


class TestCommand:
    @pytest.fixture
    def command(self, capsys):
        def run(*words):
            call_command("credit", *words)
            return capsys.readouterr().out

        return run

    def test_the_whole_and_parts(self, alice, command):
        invoice = raised(alice, line("100"), line("10", quantity=3))
        pay(invoice)

        assert command(invoice.number, "--reason", "x", "--line", "2:1") == (
            f"Issued credit note CN-000001 for £12.00 of invoice {invoice.number} to Ms Alice "
            "Archer. It is part credited.\nMs Alice Archer has £12.00 of credit from it.\n"
        )
        assert "£6.00 of" in command(invoice.number, "--reason", "x", "--line", "1:£5")
        assert "£138.00 of" in command(invoice.reference, "--reason", "the rest")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["--line", "x"], "“x” is not a line. Write it as 2, 2:1 or 2:£10.00."),
            (["--line", "1:x"], "“x” is not a number"),
            (["--line", "1:£x"], "“x” is not an amount"),
            (["--line", "2"], "has no line 2"),
            (["--line", "1:2"], "Credit from 1 to 1 of line 1"),
            (["--reason", ""], "Say why"),
            (["--reason", "x" * 251], "250 characters or less"),
        ],
    )
    def test_what_cannot_be_right(self, alice, command, words, sentence):
        invoice = raised(alice)

        with pytest.raises(CommandError, match=sentence.replace("£", ".")) as refused:
            command(invoice.number, "--reason", "x", *words)

        assert refused.value.returncode == 2
        assert not CreditNote.objects.exists()


def test_a_date_in_the_past_stays_one(alice):
    """The demo credits in the past."""
    at = datetime(2030, 5, 1, 9, tzinfo=UTC)

    note = credit(raised(alice, at=at), at=at + timedelta(days=3))

    assert note.issued_on.isoformat() == "2030-05-04"
