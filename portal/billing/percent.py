"""A rate of VAT as people write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.billing.models.settings import in_percent


class PercentField(forms.DecimalField):
    """A percentage, “20” or “17.5”; its value is in hundredths of a percent, 2000 or 1750."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, decimal_places=2, **options)

    def prepare_value(self, value: Any) -> Any:
        return in_percent(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """The percentage, a Decimal, with or without its sign."""
        return super().to_python(value.strip().removesuffix("%") if value else value)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True
