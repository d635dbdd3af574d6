"""Amounts in forms: typed as pounds, kept as pence."""

import pytest
from django import forms
from django.core import serializers

from portal.core.money import Money, PoundsField
from portal.events.models import Registration, RegistrationOption


class PriceForm(forms.Form):
    price = PoundsField()
    deposit = PoundsField(required=False)


@pytest.mark.parametrize(
    ("typed", "pence"), [("60", 6000), ("60.5", 6050), (" £1,234.50 ", 123450), ("0", 0)]
)
def test_what_is_typed_becomes_money(typed, pence):
    form = PriceForm({"price": typed})

    assert form.is_valid()
    assert form.cleaned_data == {"price": Money(pence), "deposit": None}


@pytest.mark.parametrize("typed", ["sixty", "1.234", "-5", "1,2"])
def test_what_is_no_amount_is_told(typed):
    form = PriceForm({"price": typed})

    assert form.errors["price"] == [f"“{typed}” is not an amount: write pounds as in 60 or 60.50"]


def test_it_is_shown_as_it_is_typed():
    assert 'value="1234.50"' in str(PriceForm(initial={"price": Money(123450)})["price"])


def test_the_same_amount_written_otherwise_is_no_change():
    initial = {"price": Money(6000)}

    assert not PriceForm({"price": "£60"}, initial=initial).has_changed()
    assert PriceForm({"price": "61"}, initial=initial).has_changed()
    assert PriceForm({"price": "x"}, initial=initial).has_changed()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("pence", [6000, 6050, 1, 0, 123456789, -250])
def test_what_dumpdata_writes_loaddata_reads(form, pence):
    option = RegistrationOption(pk=1, event_id=1, name="Place", price=Money(pence))
    registration = Registration(pk=1, net=Money(pence))

    written = serializers.serialize(form, [option, registration])
    read = [each.object for each in serializers.deserialize(form, written)]

    assert [read[0].price, read[1].net] == [Money(pence)] * 2
