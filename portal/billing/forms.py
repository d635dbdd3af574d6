"""The form of an invoice's purchase order number."""

from __future__ import annotations

from django import forms

from portal.core.forms.base import PortalForm


class PurchaseOrderForm(PortalForm):
    number = forms.CharField(
        label="Purchase order number",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "width-medium", "autocomplete": "off"}),
        error_messages={"max_length": "Purchase order number must be 40 characters or less"},
    )

    def __init__(self, *args: object, from_details: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        hint = "As your organisation gave it to you. It shows on this invoice at once."
        if from_details:
            hint += f" Leave it empty to use the number in your details, {from_details}."
        self.fields["number"].help_text = hint

    def clean_number(self) -> str:
        return " ".join(self.cleaned_data["number"].split())
