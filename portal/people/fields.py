"""Fields of forms about persons that more than one app shows."""

from __future__ import annotations

from typing import Any

from django import forms


class PurchaseOrderField(forms.CharField):
    """A purchase order number, or none. Its spaces are made single."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": "Purchase order number",
                "required": False,
                "max_length": 40,
                "widget": forms.TextInput(attrs={"class": "width-long", "autocomplete": "off"}),
                **kwargs,
            }
        )

    def clean(self, value: Any) -> str:
        return " ".join(super().clean(value).split())
