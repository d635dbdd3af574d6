"""What else an account shows: an employer’s own invoice, and a paid one credited in part."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.accounts import account_of, add_contact
from portal.billing.crediting import LineCredit, issue_credit_note
from portal.billing.invoicing import LineToBill, raise_invoice
from portal.billing.models import Invoice, TaxCode
from portal.core.dates import on_day
from portal.core.money import Money
from portal.demo.bookings import ACTOR
from portal.demo.people import ALICE, BOB
from portal.organisations.models import Affiliation
from portal.people.models import Person

REASON = "The afternoon of the course did not take place"


def bill_an_employer(now: datetime) -> Invoice:
    """Bob is the contact of the employer that he shares with Alice, and sees what it is billed."""
    bob = Person.objects.get(email=BOB)
    affiliation = Affiliation.objects.running(on_day(now)).verified().get(person=bob)
    employer = affiliation.organisation
    if employer is None:
        raise AssertionError("bob has no employer")
    account = account_of(employer, at=now)
    account.address = "Fern House\n3 Fern Street\nLeeds\nLS2 8AA"
    account.purchase_order_number = "PO-2027-14"
    account.save()
    add_contact(account, person=bob, actor=ACTOR, at=now)
    course = LineToBill(
        "Priority debts and emergencies, a course at your office",
        "Up to 12 people",
        Money.from_pounds("950"),
        TaxCode.STANDARD,
        None,
    )
    handbooks = LineToBill(
        "Handbook",
        "For each of those who came",
        Money.from_pounds("12.50"),
        TaxCode.STANDARD,
        None,
        9,
    )
    with transaction.atomic():
        return raise_invoice(
            account=account, lines=[course, handbooks], purchase_order=None, actor=ACTOR, at=now
        )


def credit_a_paid_invoice(now: datetime) -> None:
    """Half of the last that Alice has paid, so that she has credit to use."""
    paid = Invoice.objects.settled().filter(account__person__email=ALICE, net__gt=Money(0))
    invoice = paid.order_by("-sequence").first()
    if invoice is not None:
        part = LineCredit(1, net=Money(invoice.lines.get(position=1).net.pence // 2))
        issue_credit_note(invoice, lines=[part], reason=REASON, actor=ACTOR, at=now)
