"""Money as integer pence.

SQLite adds decimals as floating point, so amounts are kept as whole pence and only become
pounds where a person reads or types them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

_POUNDS = re.compile(r"^\s*£?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?\s*$")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of pounds sterling in whole pence."""

    pence: int

    @classmethod
    def from_pounds(cls, text: str) -> Money:
        """Read “60”, “60.5”, “£1,234.50”. Raises ValueError with a sentence."""
        match = _POUNDS.match(text)
        if match is None:
            raise ValueError(f"“{text.strip()}” is not an amount: write pounds as in 60 or 60.50")
        pounds, fraction = match.groups()
        return cls(int(pounds.replace(",", "")) * 100 + int((fraction or "").ljust(2, "0")))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        return cls(sum(amount.pence for amount in amounts))

    @property
    def pounds(self) -> Decimal:
        return Decimal(self.pence) / 100

    def share(self, basis_points: int) -> Money:
        """This many hundredths of a percent of the amount, to the nearest penny, half up."""
        exact = Decimal(self.pence) * basis_points / 10_000
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def __add__(self, other: Money) -> Money:
        return Money(self.pence + other.pence)

    def __sub__(self, other: Money) -> Money:
        return Money(self.pence - other.pence)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.pence * quantity)

    def __neg__(self) -> Money:
        return Money(-self.pence)

    def __bool__(self) -> bool:
        return self.pence != 0

    def __str__(self) -> str:
        sign = "−" if self.pence < 0 else ""
        pounds, pence = divmod(abs(self.pence), 100)
        return f"{sign}£{pounds:,}.{pence:02d}"


ZERO = Money(0)


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
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


if TYPE_CHECKING:
    _PenceField = models.BigIntegerField[Money | int, Money]
else:
    _PenceField = models.BigIntegerField


class MoneyField(_PenceField):
    """Whole pence in the database, `Money` in Python; aggregates come back as `Money` too."""

    description = "An amount in pence"

    def from_db_value(self, value: int | None, *_: object) -> Money | None:
        return None if value is None else Money(value)

    def to_python(self, value: Any) -> Money | None:
        if value is None or isinstance(value, Money):
            return value
        if isinstance(value, int):
            return Money(value)
        text = str(value)
        try:
            amount = Money.from_pounds(text.removeprefix("-"))
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return -amount if text.startswith("-") else amount

    def get_prep_value(self, value: Any) -> int | None:
        value = self.to_python(value)
        return None if value is None else value.pence

    def value_to_string(self, obj: models.Model) -> str:
        """Pounds, as `to_python` reads them: what `dumpdata` writes, `loaddata` takes back."""
        amount: Money = self.value_from_object(obj)
        return f"{amount.pounds:.2f}"

    def run_validators(self, value: Any) -> None:
        super().run_validators(value.pence if isinstance(value, Money) else value)

    def formfield(self, **kwargs: Any) -> Any:
        label = kwargs.get("label", capfirst(self.verbose_name))
        return PoundsField(required=not self.blank, label=label, help_text=self.help_text)
