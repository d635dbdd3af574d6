"""Fields that Django does not have."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.money import Money


class PoundsField(forms.CharField):
    """An amount as people write it, “60” or “£1,234.50”; its value is `Money`."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.pounds:.2f}" if isinstance(value, Money) else value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, Money):
            return value or None
        try:
            return Money.from_pounds(str(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True
