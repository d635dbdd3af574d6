"""What is compared, looked up or searched is so in its stored form (core/text/comparing.py)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from portal.core.text.comparing import ComparedField, ComparedQuerySet, ComparedRow, compared_fields
from portal.core.text.email_address import CanonicalEmailField

pytestmark = pytest.mark.house
WITH_FORMS = [model for model in apps.get_models() if compared_fields(model)]
# Searched as they stand: codes of the portal's own making, lists that staff keep, labels.
AS_THEY_STAND = {
    "billing.Invoice.number",
    "billing.Invoice.reference",
    "billing.Invoice.payer_name",
    "billing.CreditNote.number",
    "billing.CreditNote.payer_name",
    "billing.CreditNote.reason",
    "billing.Payment.note",
    "billing.Refund.note",
    "billing.Reversal.note",
    "billing.WriteOff.note",
    "core.HistoryEntry.actor_label",
    "core.HistoryEntry.object_id",
    "core.HistoryEntry.object_label",
    "core.OutgoingMail.subject",
    "events.Event.code",
    "organisations.OrganisationType.name",
    "organisations.RoleType.name",
}


def test_each_way_of_writing_works_the_forms_out() -> None:
    assert {model.__name__ for model in WITH_FORMS} >= {"Person", "Organisation", "Event"}
    for model in WITH_FORMS:
        assert issubclass(model, ComparedRow), model
        assert isinstance(model._default_manager.all(), ComparedQuerySet), model


def field_of(model: type[models.Model], path: str) -> models.Field:
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model._meta.get_field(last)


def test_the_office_searches_in_forms_addresses_and_codes() -> None:
    stand = set()
    for page in admin.site._registry.values():
        for path in page.search_fields:
            try:
                field = field_of(page.model, path)
            except FieldDoesNotExist:
                pytest.fail(f"{page}: {path}")
            if not isinstance(field, ComparedField | CanonicalEmailField):
                stand.add(f"{field.model._meta.label}.{field.name}")
    assert stand - AS_THEY_STAND == set()


def test_no_query_leaves_capitals_to_the_database() -> None:
    """SQLite knows those of A to Z only."""
    found = [
        f"{path}: {line.strip()}"
        for path in Path("portal").rglob("*.py")
        if "migrations" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"__(iexact|icontains|istartswith|iendswith|iregex)\b", line)
    ]
    assert found == []
