"""Billing accounts: whose they are, what an organisation's invoice says, and who sees it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.billing import invoice_documents
from portal.billing.accounts import (
    ContactRefused,
    account_of,
    add_contact,
    remove_contact,
)
from portal.billing.invoicing import NoAddress
from portal.billing.models import AccountContact, BillingAccount, Invoice
from portal.core.dates import today
from portal.core.models import HistoryEntry, OutgoingMail
from tests import factories
from tests.billing.raising import line, pay, raised
from tests.billing.test_documents import pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def fern(alice):
    """The account of Fern Advice. Alice works there, and is no contact yet."""
    account = account_of(factories.organisation(), at=timezone.now())
    account.address = "The Old Mill\n\n 2 Quay Street \nLeeds\nLS2 7AB"
    account.payment_days = 14
    account.save()
    return account


def contact(account, person):
    return add_contact(account, person=person, actor="sam", at=timezone.now())


class TestWhoseItIs:
    def test_each_has_one(self, alice, bob):
        at = timezone.now()
        firm = factories.organisation()

        assert account_of(alice, at=at) == account_of(alice, at=at)
        assert account_of(firm, at=at) == account_of(firm, at=at)
        assert raised(alice).account == raised(alice).account == account_of(alice, at=at)
        assert BillingAccount.objects.count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            BillingAccount.objects.create(person=alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            BillingAccount.objects.create(organisation=firm)

    def test_it_is_one_persons_or_one_organisations(self, alice):
        for whose in ({}, {"person": alice, "organisation": factories.organisation()}):
            with pytest.raises(IntegrityError), transaction.atomic():
                BillingAccount.objects.create(**whose)
            with pytest.raises(ValidationError, match="a person or an organisation"):
                BillingAccount(**whose).full_clean()

    @pytest.mark.parametrize("named", [{"address": "x"}, {"purchase_order_number": "x"}])
    def test_what_a_person_has_is_in_their_details(self, alice, named):
        with pytest.raises(IntegrityError), transaction.atomic():
            BillingAccount.objects.create(person=alice, **named)
        with pytest.raises(ValidationError, match="details"):
            BillingAccount(person=alice, **named).full_clean()

    def test_its_holder_stays_while_it_is_there(self, alice):
        account_of(alice, at=timezone.now())

        with pytest.raises(IntegrityError), transaction.atomic():
            alice.delete()


class TestOrganisation:
    def test_its_invoice_is_to_it_for_the_attention_of_its_first_contact(self, fern, alice, bob):
        contact(fern, bob)
        contact(fern, alice)

        invoice = raised(fern.organisation, line(beneficiary=alice))

        assert invoice.account == fern
        assert invoice.billed_to.splitlines() == [
            "Fern Advice",
            "For the attention of Mr Bob Brook",
            "The Old Mill",
            "2 Quay Street",
            "Leeds",
            "LS2 7AB",
        ]
        assert invoice.due_on == invoice.issued_on + timedelta(days=14)
        assert invoice.lines.get().beneficiary == alice

    def test_page_print_and_pdf_say_so(self, fern, bob, client_of):
        contact(fern, bob)
        invoice = raised(fern.organisation)
        client = client_of(bob)

        page = client.get(f"/invoices/{invoice.number}/").content.decode()
        printed = client.get(f"/invoices/{invoice.number}/print/").content.decode()
        [pdf] = pages_of(client.get(f"/invoices/{invoice.number}/pdf/").content)

        wanted = "Fern Advice\nFor the attention of Mr Bob Brook\nThe Old Mill\n2 Quay Street"
        assert wanted in page.replace("<br>", "\n")
        assert wanted in printed
        assert " ".join(wanted.split()) in pdf

    def test_each_contact_is_mailed_it_and_nobody_else(self, fern, alice, bob, charlie):
        contact(fern, bob)
        contact(fern, alice)
        contact(fern, factories.person("Nora", "Nomail", email="", has_account=False))

        invoice = raised(fern.organisation)

        mails = OutgoingMail.objects.filter(kind="invoice").order_by("pk")
        assert [each.to for each in mails] == [bob.email, alice.email]
        assert "Dear Bob," in mails[0].text
        assert f"Fern Advice’s invoice {invoice.number}" in mails[0].text
        assert "Billed to: Fern Advice" in mails[0].text
        assert {each.documents.get() for each in mails} == {invoice.issued_document.document}

    def test_without_an_address_it_is_not_billed(self, fern):
        fern.address = " \n"
        fern.save()

        with pytest.raises(NoAddress, match=r"Fern Advice has no address for invoices\. Enter it"):
            raised(fern.organisation)

        assert not Invoice.objects.exists()

    def test_it_is_billed_without_a_contact(self, fern):
        invoice = raised(fern.organisation)

        assert "attention" not in invoice.billed_to
        assert not OutgoingMail.objects.exists()

    def test_its_purchase_order_number_is_the_accounts(self, fern, bob, client_of):
        contact(fern, bob)
        bob.purchase_order_number = "BOBS-OWN"
        bob.save()
        fern.purchase_order_number = "FERN-1"
        fern.save()
        invoice = raised(fern.organisation)

        shown = client_of(bob).get(f"/invoices/{invoice.number}/").content.decode()
        asked = client_of(bob).get(f"/invoices/{invoice.number}/purchase-order/").content.decode()
        fern.purchase_order_number = "FERN-2"
        fern.save()
        [pdf] = pages_of(invoice_documents.pdf(Invoice.objects.get(), on=today()))

        assert "FERN-1" in shown
        assert "BOBS-OWN" not in shown + asked
        assert "The account of Fern Advice has FERN-1. Enter that one" in asked
        assert "Purchase order number FERN-2" in pdf


class TestWhoSees:
    PAGES = ("", "print/", "pdf/", "purchase-order/")

    def statuses(self, client, invoice):
        return [client.get(f"/invoices/{invoice.number}/{page}").status_code for page in self.PAGES]

    def test_a_verified_contact_sees_the_organisations_and_nobody_elses(
        self, fern, alice, bob, charlie, client_of
    ):
        contact(fern, bob)
        AccountContact.objects.create(account=fern, person=charlie)  # not verified
        invoice, bobs = raised(fern.organisation, line(beneficiary=alice)), raised(bob)

        assert self.statuses(client_of(bob), invoice) == [200] * 4
        assert self.statuses(client_of(bob), bobs) == [200] * 4
        for other in (alice, charlie):
            assert self.statuses(client_of(other), invoice) == [404] * 4
            assert self.statuses(client_of(other), bobs) == [404] * 4

    def test_activity_shows_what_the_pages_show(self, fern, bob, charlie, client_of):
        contact(fern, bob)
        invoice = raised(fern.organisation)

        assert (
            f"/invoices/{invoice.number}/"
            in client_of(bob).get("/account/activity/").content.decode()
        )
        for pays in (False, True):
            if pays:
                pay(invoice)
            seen = client_of(charlie).get("/account/activity/").content.decode()
            assert invoice.number not in seen

    def test_who_is_no_contact_any_more_sees_nothing(self, fern, bob, client_of):
        contact(fern, bob)
        invoice = raised(fern.organisation)

        remove_contact(fern, person=bob, actor="sam", at=timezone.now())

        assert self.statuses(client_of(bob), invoice) == [404] * 4
        raised(fern.organisation)
        assert OutgoingMail.objects.filter(kind="invoice").count() == 1

    def test_the_account_of_a_person_has_no_contacts(self, alice, bob):
        with pytest.raises(ContactRefused, match="is a person’s"):
            contact(account_of(alice, at=timezone.now()), bob)


class TestOffice:
    def page(self, account):
        return f"/office/billing/billingaccount/{account.pk}/change/"

    def typed(self, account, **given):
        return {
            "payment_days": "14",
            "address": account.address,
            "purchase_order_number": "",
            "contacts-TOTAL_FORMS": "1",
            "contacts-INITIAL_FORMS": "0",
            **given,
        }

    def test_it_lets_a_contact_see_and_takes_that_back(self, fern, bob, sam, client_of):
        office = client_of(sam)
        office.post(self.page(fern), self.typed(fern, **{"contacts-0-person": bob.pk}))
        [row] = fern.contacts.all()
        assert (row.person, row.verified_at is not None) == (bob, True)
        assert HistoryEntry.objects.get(act="billing contact added").detail == {
            "contact": "Bob Brook"
        }

        gone = {
            "contacts-INITIAL_FORMS": "1",
            "contacts-0-id": row.pk,
            "contacts-0-account": fern.pk,
            "contacts-0-person": bob.pk,
            "contacts-0-DELETE": "on",
        }
        answer = office.post(self.page(fern), self.typed(fern, **gone))
        assert answer.status_code == 302
        assert not fern.contacts.exists()
        assert HistoryEntry.objects.filter(act="billing contact removed").count() == 1

    def test_what_a_person_has_is_not_typed_there(self, alice, sam, client_of):
        account = account_of(alice, at=timezone.now())

        client_of(sam).post(self.page(account), self.typed(fern_like(), payment_days="60"))

        account.refresh_from_db()
        assert (account.payment_days, account.address) == (60, "")
        assert raised(alice).due_on == today() + timedelta(days=60)


def fern_like():
    return BillingAccount(address="Elsewhere")
