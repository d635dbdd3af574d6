"""Rows that hold from a day on, in the office: no Save and no deletion leaves a day without one."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from portal.billing.models import SupplierDetails, TaxRate
from portal.core.dates import today
from portal.core.models import BodyDetails, HistoryEntry
from portal.core.office.settings_pages import DatedPage
from portal.core.rows.dated import DatedRow
from portal.events.models import BookingRules, EventTax
from portal.membership.models import MembershipRules

pytestmark = pytest.mark.django_db

MODELS = [BodyDetails, SupplierDetails, TaxRate, EventTax, BookingRules, MembershipRules]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)


def address(row, page="change"):
    return f"/office/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{page}/"


def typed(row, **changed):
    """The form of a row as the page shows it, but for what is changed."""
    page = admin.site._registry[type(row)]
    initial = model_to_dict(row) | changed
    if "basis_points" in initial:
        initial["basis_points"] = f"{initial['basis_points'] / 100:g}"
    assert isinstance(page, DatedPage)
    return {name: value for name, value in initial.items() if value is not None}


def next_week():
    return today() + timedelta(days=7)


def later(row):
    """The same again, from next week."""
    cells = {f.name: getattr(row, f.name) for f in row._meta.concrete_fields if f.name != "id"}
    return type(row).objects.create(**{**cells, "valid_from": next_week()})


@pytest.fixture
def office(client_of, sam):
    return client_of(sam)


@pytest.fixture
def chief(client_of, sam):
    """Who may do all, deleting too."""
    sam.user.is_superuser = True
    sam.user.save()
    return client_of(sam)


def test_every_dated_row_is_tried_here():
    assert {m for m in admin.site._registry if issubclass(m, DatedRow)} == set(MODELS)


@every_model
def test_the_row_in_force_is_not_moved_to_a_later_day(office, model):
    row = model.objects.first()

    response = office.post(address(row), typed(row, valid_from=next_week()))

    assert response.status_code == 200
    assert (
        "This has applied since 1 January 2020, so its first day cannot be changed. For a "
        "change from a later day, choose “Save as new”."
    ) in response.content.decode()
    assert model.objects.get(pk=row.pk).valid_from == row.valid_from
    assert office.get("/").status_code == 200


@every_model
def test_saved_as_new_it_holds_from_then_on(office, model):
    row = model.objects.first()
    before = model.objects.count()

    response = office.post(address(row), typed(row, valid_from=next_week()) | {"_saveasnew": "1"})

    assert response.status_code == 302
    assert model.objects.count() == before + 1
    assert model.objects.filter(valid_from=next_week()).count() == 1
    entry = HistoryEntry.objects.get()
    assert entry.act == f"{model._meta.verbose_name} added"
    assert entry.actor_label == "sam@example.org"
    assert "Save as new" in office.get(address(row)).content.decode()


@every_model
def test_two_from_one_day_are_refused_by_page_and_database(office, model):
    row = model.objects.first()

    html = office.post(address(row), typed(row) | {"_saveasnew": "1"}).content.decode()

    assert "There is already a row from 1 January 2020. Open that one" in html
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@every_model
def test_the_only_row_in_force_is_not_deleted(chief, model):
    row = model.objects.first()
    later(row)

    response = chief.post(address(row, "delete"), {"post": "yes"}, follow=True)

    assert "cannot be deleted, because nothing would apply today" in response.content.decode()
    assert model.objects.filter(pk=row.pk).exists()


@every_model
def test_one_that_has_not_begun_can_be_moved_and_deleted(chief, model):
    row = later(model.objects.first())
    moved = next_week() + timedelta(days=1)

    assert chief.post(address(row), typed(row, valid_from=moved)).status_code == 302
    assert model.objects.get(pk=row.pk).valid_from == moved
    assert chief.post(address(row, "delete"), {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()
    acts = list(HistoryEntry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == [f"{model._meta.verbose_name} changed", f"{model._meta.verbose_name} deleted"]


@every_model
def test_they_are_not_deleted_by_the_handful(chief, model):
    rows = list(model.objects.values_list("pk", flat=True))

    chief.post(
        f"/office/{model._meta.app_label}/{model._meta.model_name}/",
        {"action": "delete_selected", "_selected_action": rows, "post": "yes"},
    )

    assert model.objects.count() == len(rows)


def test_what_a_row_that_holds_is_about_stays(office):
    row = EventTax.objects.get(kind="training")

    html = office.post(address(row), typed(row, kind="webinar")).content.decode()

    assert "This cannot be changed, because it already applies." in html
    assert EventTax.objects.get(pk=row.pk).kind == "training"


def test_the_history_has_what_a_bank_was_before(office):
    row = SupplierDetails.objects.get()

    given = typed(row, sort_code="65-43-21")
    refused = office.post(address(row), given).content.decode()
    assert (
        "This has applied since 1 January 2020. To change it from a later day, give that day"
        in refused
    )
    assert SupplierDetails.objects.get().sort_code == "12-34-56"

    assert office.post(address(row), given | {"corrects": "on"}).status_code == 302

    entry = HistoryEntry.objects.get(act="supplier details corrected")
    assert entry.detail == {
        "before": {"sort_code": "12-34-56"},
        "after": {"sort_code": "65-43-21"},
    }
