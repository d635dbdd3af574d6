"""Looking writes nothing: every address by GET, as every role, the office's too."""

import logging

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from portal.billing.accounts import account_of, add_contact
from portal.billing.crediting import issue_credit_note
from portal.billing.models import Allocation, Refund, Reversal, WriteOff
from portal.billing.payments import receive
from portal.billing.payments import reverse as reverse_payment
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import today
from portal.core.mail.words import words_of
from portal.core.models import Document, OutgoingMail
from portal.core.money import Money
from portal.people.inviting import invite
from tests import factories
from tests.billing.raising import pay, raised
from tests.house.test_addresses import TABLE, address, addresses

pytestmark = [pytest.mark.django_db, pytest.mark.house]

# By GET these end a session or begin one; what they write is that.
ENDS_SESSIONS = {"admin:logout"}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture
def world(alice, bob, charlie, sam, client_of):
    """A row of each kind: an order, money that moved every way, mail, an organisation's account."""
    at = timezone.now()
    order = factories.order(alice, factories.option(factories.event("insolvency")))
    basket = factories.hold(alice, factories.option(factories.event()))
    firm = account_of(factories.organisation(), at=at)
    firm.address = "1 High Street"
    firm.save()
    add_contact(firm, person=bob, actor="sam", at=at)
    raised(firm.organisation)
    by = {"actor": "sam", "at": at}
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
    people = [charlie, alice, bob, sam, factories.administrator()]
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
        "clients": [Client(), *(client_of(person) for person in people)],
    }


def rows():
    """What is in every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def office_addresses():
    """Every address of the office, with the first row of its model where it names one."""
    [office] = [
        each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "admin"
    ]
    for name, named in _patterns(office):
        model = _model_of(name)
        keys = {
            "app_label": "billing",
            "object_id": _first(model),
            "pk": _first(model),
            "content_type_id": 1,
        }
        given = {word: keys.get(word) for word in named}
        if None in given.values():
            continue
        try:
            yield f"admin:{name}", reverse(f"admin:{name}", kwargs=given)
        except NoReverseMatch:
            continue


def _patterns(resolver):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield (
                    entry.name,
                    list(entry.pattern.regex.groupindex) or list(entry.pattern.converters),
                )
        else:
            yield from _patterns(entry)


def _model_of(name):
    for model in apps.get_models():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def _first(model):
    row = model.objects.order_by("pk").first() if model is not None else None
    return row.pk if row is not None else None


def test_looking_changes_no_table(world):
    looked = [(name, address(name, world)) for name in addresses() if name in TABLE]
    looked += [each for each in office_addresses() if each[0] not in ENDS_SESSIONS]
    for client in world["clients"]:  # what a first look of all may begin is no row of ours
        client.get("/")
    before, wrote = rows(), []

    for client in world["clients"]:
        for name, url in looked:
            client.get(url)
            if "billing" in name and rows() != before:
                wrote.append(name)
                before = rows()
        if rows() != before:
            wrote.append("something else")

    assert wrote == []
    names = {name for name, _ in looked}
    assert {
        "admin:billing_invoice_pdf",
        "admin:billing_invoice_mailed",
        "admin:billing_creditnote_pdf",
        "admin:billing_payment_change",
        "admin:billing_refund_change",
    } <= names
    assert len(looked) > 100


def test_the_world_has_a_row_of_each_kind(world):
    for model in (Allocation, Refund, Reversal, WriteOff, Document):
        assert model.objects.exists()


def test_the_pdf_as_mailed_is_not_offered_before_it_was_mailed(alice, sam, client_of):
    invoice = raised(alice)
    office, page = client_of(sam), f"/office/billing/invoice/{invoice.pk}/"

    assert "as it was mailed" not in office.get(f"{page}change/").content.decode()
    assert office.get(f"{page}pdf-as-mailed/").status_code == 404
    assert Document.objects.get().content is None
