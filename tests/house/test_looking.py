"""Looking writes nothing: every address by GET, as every role, the office's too."""

import logging

import pytest
from django.apps import apps
from django.db import connection
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from portal.billing.models import Allocation, Refund, Reversal, WriteOff
from portal.core.models import Document
from tests.billing.raising import raised
from tests.house.test_addresses import TABLE, address, addresses

pytestmark = [pytest.mark.django_db, pytest.mark.house, pytest.mark.long]

# By GET these end a session or begin one; what they write is that.
ENDS_SESSIONS = {"admin:logout"}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="django.request")


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


def changes():
    """How many rows this connection has written, whatever became of them: SQLite counts them."""
    return connection.connection.total_changes


def test_looking_changes_no_table(world):
    looked = [(name, address(name, world)) for name in addresses() if name in TABLE]
    looked += [each for each in office_addresses() if each[0] not in ENDS_SESSIONS]
    browsers = world["clients"].values()
    for browser in browsers:  # what a first look of all may begin is no row of ours
        browser.get("/")
    before, counted, wrote = rows(), changes(), []

    for browser in browsers:
        for name, url in looked:
            browser.get(url)
            if changes() != counted:
                counted, now = changes(), rows()
                wrote += [name] if now != before else []
                before = now

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


def test_a_look_that_wrote_would_be_seen(world):
    before, counted = rows(), changes()
    Document.objects.update(content=b"set")

    assert changes() > counted
    assert rows() != before


def test_the_world_has_a_row_of_each_kind(world):
    for model in (Allocation, Refund, Reversal, WriteOff, Document):
        assert model.objects.exists()


def test_the_pdf_as_mailed_is_not_offered_before_it_was_mailed(alice, sam, client_of):
    invoice = raised(alice)
    office, page = client_of(sam), f"/office/billing/invoice/{invoice.pk}/"

    assert "as it was mailed" not in office.get(f"{page}change/").content.decode()
    assert office.get(f"{page}pdf-as-mailed/").status_code == 404
    assert Document.objects.get().content is None
