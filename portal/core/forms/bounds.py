"""How long a field may be: no field of text is without a bound.

Forms say their own, which is that of the column. A field that says none has the usual one; email
addresses are no longer than what is kept, passwords than what is worth hashing.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from portal.core.text.email_address import LONGEST

LONGEST_PASSWORD = 4096  # bytes
USUAL = 250  # characters


class Longest(MaxLengthValidator):
    """Of a field whose value may be no text any more, such as an amount."""

    def clean(self, x: Any) -> int:
        return len(str(x))


class LongestInBytes(MaxLengthValidator):
    """Of what is hashed."""

    def clean(self, x: Any) -> int:
        return len(str(x).encode())


def bound(field: forms.Field, *, usual: int = USUAL) -> None:
    """Give a field of text the bound it lacks."""
    if not isinstance(field, forms.CharField):
        return
    most = usual
    kind: type[MaxLengthValidator] = Longest
    if isinstance(field, forms.EmailField):
        most = LONGEST
    elif isinstance(field.widget, forms.PasswordInput):
        most, kind = LONGEST_PASSWORD, LongestInBytes
    elif field.max_length is not None:
        return
    if field.max_length is None or field.max_length > most or kind is LongestInBytes:
        field.max_length = min(most, field.max_length or most)
        field.validators = [v for v in field.validators if not isinstance(v, MaxLengthValidator)]
        field.validators.append(kind(field.max_length))
