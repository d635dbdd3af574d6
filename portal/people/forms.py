"""Forms about persons and how they get in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.accounts.models import User
from portal.accounts.passwords import HINT
from portal.core.forms.base import PortalForm
from portal.people.fields import PurchaseOrderField
from portal.people.models import Person


class InvitationForm(PortalForm):
    """One password; it is compared with the name and address of the person invited."""

    password = forms.CharField(
        label="Password",
        help_text=HINT,
        strip=False,
        max_length=4096,
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


class PurchaseOrderForm(PortalForm):
    number = PurchaseOrderField(
        help_text="It is shown on every open invoice that has no number of its own. Leave it "
        "empty if you need none."
    )
