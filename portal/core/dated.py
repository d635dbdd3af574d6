"""Rows that hold from a day on, until the next row: names, banks, rates, rules.

Staff add a row for the future instead of editing the present one, so what was issued under an
earlier row can still be explained.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models

from portal.core.dates import today


class DatedQuerySet(models.QuerySet[Any]):
    def begun(self, on: date | None = None) -> Self:
        """Rows that already hold on a day (London; today unless given), newest first."""
        return self.filter(valid_from__lte=on or today()).order_by("-valid_from", "-pk")

    def in_force(self, on: date | None = None) -> Any | None:
        """The row that holds on a day, or None where there is none yet."""
        return self.begun(on).first()


class DatedRow(models.Model):
    valid_from = models.DateField(
        "valid from", help_text="The first day on which this holds. Add a row to change it later."
    )

    class Meta:
        abstract = True
