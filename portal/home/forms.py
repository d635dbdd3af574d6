"""Forms of the pages that cut across apps."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.forms.base import PortalForm


class LostAddressForm(PortalForm):
    """A membership number, or a name and postcode."""

    number = forms.CharField(
        label="Membership number",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"class": "width-short", "autocomplete": "off"}),
    )
    first_name = forms.CharField(
        label="First name",
        required=False,
        max_length=35,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        required=False,
        max_length=35,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    postcode = forms.CharField(
        label="Postcode",
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"class": "width-short", "autocomplete": "postal-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_lost_%s", **kwargs)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("number") or self.errors:
            return given
        if not any(given.values()):
            self.add_error("number", "Enter your membership number, or your name and postcode")
            return given
        for name, sentence in {
            "first_name": "Enter your first name",
            "last_name": "Enter your last name",
            "postcode": "Enter your postcode",
        }.items():
            if not given.get(name):
                self.add_error(name, sentence)
        return given
