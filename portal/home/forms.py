"""Forms of the pages that cut across apps."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.forms.base import PortalForm
from portal.people.postcodes import spaced_postcode

NEITHER = "Enter your membership number, or your name and postcode"


class LostAddressForm(PortalForm):
    """A membership number, or a name and postcode. Which of them is asked for follows from what
    is typed; none is called optional."""

    use_required_attribute = False

    number = forms.CharField(
        label="Membership number",
        max_length=20,
        error_messages={"required": NEITHER},
        widget=forms.TextInput(attrs={"class": "width-short", "autocomplete": "off"}),
    )
    first_name = forms.CharField(
        label="First name",
        max_length=100,
        error_messages={"required": "Enter your first name"},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=100,
        error_messages={"required": "Enter your last name"},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    postcode = forms.CharField(
        label="Postcode",
        max_length=12,
        error_messages={"required": "Enter your postcode"},
        widget=forms.TextInput(attrs={"class": "width-short", "autocomplete": "postal-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_lost_%s", **kwargs)

    def clean_postcode(self) -> str:
        return spaced_postcode(self.cleaned_data["postcode"])

    def full_clean(self) -> None:
        given = {name for name in self.fields if str(self.data.get(name, "")).strip()}
        by_name = "number" not in given and bool(given)
        for name, field in self.fields.items():
            field.required = (name != "number") == by_name and "number" not in given
        super().full_clean()
        for field in self.fields.values():
            field.required = True
