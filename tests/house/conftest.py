"""The one world in which every address is asked: a row of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.billing.accounts import account_of, add_contact
from portal.billing.crediting import issue_credit_note
from portal.billing.payments import receive
from portal.billing.payments import reverse as reverse_payment
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import today
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.core.money import Money
from portal.people.inviting import invite
from portal.people.models import Person
from tests import factories
from tests.billing.raising import pay, raised


@pytest.fixture
def world(
    alice: Person,
    bob: Person,
    charlie: Person,
    sam: Person,
    client_of: Callable[[Person], Client],
) -> dict[str, Any]:
    """Alice's order, invoice, hold and credit note, money that moved every way, an organisation's
    account, an invitation; what addresses name of them; the browsers of all who may ask."""
    at = timezone.now()
    place = factories.option(factories.event("insolvency", title="Insolvency"))
    order = factories.order(alice, place)
    basket = factories.hold(alice, factories.option(factories.event()))
    firm = account_of(factories.organisation(), at=at)
    firm.address = "1 High Street"
    firm.save()
    add_contact(firm, person=bob, actor="sam", at=at)
    raised(firm.organisation)
    by: dict[str, Any] = {"actor": "sam", "at": at}
    paid = raised(alice)
    pay(paid)
    note = issue_credit_note(paid, reason="Cancelled", **by)
    refund(note.account, amount=Money(100), paid_on=today(), **by)
    write_off(raised(alice), reason="gone", **by)
    bounced = receive(amount=Money(9), received_on=today(), account=firm, **by)
    reverse_payment(bounced, reversed_on=today(), reason="bounced", **by)
    invited = factories.person("Ivy", "Invited", has_account=False)
    invite([invited], actor="test", at=at)
    invitation = OutgoingMail.objects.get(to=invited.email)
    ordered = OutgoingMail.objects.exclude(documents=None).filter(to=alice.email).earliest("pk")
    people = {"charlie": charlie, "alice": alice, "bob": bob, "sam": sam}
    people["ada"] = factories.administrator()
    return {
        "code": "insolvency",
        "order": order.number,
        "invoice": order.invoice.number,
        "credit_note": note.number,
        "registration": order.registrations.get().pk,
        "hold": basket.holds.get().pk,
        "token": words_of(invitation).text.partition("/invitation/")[2].partition("/")[0],
        "mail": ordered.pk,
        "calendar_mail": OutgoingMail.objects.exclude(calendar="").get(to=alice.email).pk,
        "document": ordered.documents.get().pk,
        "colour": "0e5a5c-00000000",
        "uid": "1",
        "key": "set-password",
        "clients": {"visitor": Client()} | {name: client_of(who) for name, who in people.items()},
    }
