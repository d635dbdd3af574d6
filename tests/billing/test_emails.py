"""The mail that carries an invoice."""

import pytest

from portal.core.mail.sending import compose
from portal.core.models import OutgoingMail
from tests.billing.raising import line, raised

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_it_says_what_to_pay_until_when_and_how(alice):
    invoice = raised(alice, line(description="Debt relief orders & more"), line(quantity=2))

    mail = OutgoingMail.objects.get()

    assert mail.subject == (
        f"Invoice {invoice.number} from Institute of Testing (reference {invoice.reference})"
    )
    due = f"{invoice.due_on.day} {invoice.due_on:%B %Y}"
    link = f"http://localhost:8000/invoices/{invoice.number}/"
    told = ("Dear Alice,", invoice.number, "£360.00", due, invoice.reference, "12345678", link)
    for words in told:
        assert words in mail.text
        assert words in mail.html
    assert "- Debt relief orders & more\n- Debt relief orders, 2 of them\n" in mail.text
    assert "Debt relief orders &amp; more" in mail.html
    assert "Institute of Testing Limited, company number 01234567" in mail.text


def test_the_pdf_is_attached(alice):
    invoice = raised(alice)

    message = compose(OutgoingMail.objects.get())

    [(name, content, kind)] = message.attachments
    assert (name, kind) == (f"invoice-{invoice.number}.pdf", "application/pdf")
    assert content.startswith(b"%PDF-1.7")
