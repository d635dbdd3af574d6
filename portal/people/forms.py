"""Forms about persons and how they get in."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.accounts.models import User
from portal.accounts.password_rules import HINT
from portal.core.forms.base import PortalForm, PortalFormMixin
from portal.people.addresses import tidy_address_postcode
from portal.people.fields import PurchaseOrderField
from portal.people.models import Address, Person


class InvitationForm(PortalForm):
    """One password; it is compared with the name and address of the person invited."""

    password = forms.CharField(
        label="Password",
        help_text=HINT,
        strip=False,
        error_messages={"required": "Enter a password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder = User(
            email=email, signup_first_name=person.first_name, signup_last_name=person.last_name
        )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.holder)
        return password


class AddressForm(PortalFormMixin, forms.ModelForm):
    """A postal address, as an envelope has it."""

    class Meta:
        model = Address
        fields = ["line_1", "line_2", "line_3", "town", "county", "postcode", "country"]
        widgets = {
            "line_1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "line_2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "line_3": forms.TextInput(attrs={"autocomplete": "address-line3"}),
            "town": forms.TextInput(
                attrs={"autocomplete": "address-level2", "class": "width-long"}
            ),
            "county": forms.TextInput(
                attrs={"autocomplete": "address-level1", "class": "width-long"}
            ),
            "postcode": forms.TextInput(
                attrs={"autocomplete": "postal-code", "class": "width-short"}
            ),
            "country": forms.Select(attrs={"autocomplete": "country"}),
        }
        error_messages: ClassVar[Any] = {
            "line_1": {"required": "Enter the first line of your address"},
            "town": {"required": "Enter your town or city"},
            "postcode": {"required": "Enter your postcode"},
        }

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "postcode" in cleaned and "country" in cleaned:
            try:
                cleaned["postcode"] = tidy_address_postcode(cleaned["postcode"], cleaned["country"])
            except forms.ValidationError as error:
                self.add_error("postcode", error)
        return cleaned


class PurchaseOrderForm(PortalForm):
    number = PurchaseOrderField(
        help_text=(
            "We show it on every open invoice that has no number of its own. Leave it empty if "
            "you do not need one."
        )
    )
