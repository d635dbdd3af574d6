"""The form of an invoice's purchase order number."""

from __future__ import annotations

from django import forms

from portal.core.forms.base import PortalForm
from portal.people.fields import PurchaseOrderField


class PurchaseOrderForm(PortalForm):
    """The number, and what stood in its field before."""

    number = PurchaseOrderField()
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: object,
        number: str,
        default: str = "",
        owner: str = "",
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(number=number, shown=number)
        hint = "As your organisation gave it to you. It shows on this invoice at once."
        if default:
            have = f"The account of {owner} has" if owner else "Your details have"
            hint += f" {have} {default}. Enter that one to use it here too."
        if default or number:
            hint += " Leave it empty to have none on this invoice."
        self.fields["number"].help_text = hint
