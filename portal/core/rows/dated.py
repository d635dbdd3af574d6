"""Rows that apply from a day until the next row: names, banks, rates, rules.

Staff add a row for the future instead of editing the present one, so what was issued under an
earlier row can still be explained.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models

from portal.core.dates import short_date, today
from portal.core.text.one_line import lines_of


class DatedQuerySet(models.QuerySet[Any]):
    def begun(self, on: date | None = None) -> Self:
        """Rows that already hold on a day (London; today unless given), newest first."""
        return self.filter(valid_from__lte=on or today()).order_by("-valid_from", "-pk")

    def in_force(self, on: date | None = None) -> Any | None:
        """The row that holds on a day, or None where there is none yet."""
        return self.begun(on).first()


class DatedRow(models.Model):
    """A row that holds from its first day until the next row about the same thing.

    Once it has begun its first day stays, and so does what it is about: moved away, it would
    leave days on which nothing holds. `about` names the fields that say what that is, such as the
    kind of event; empty where there is only one thing.
    """

    about: ClassVar[tuple[str, ...]] = ()

    valid_from = models.DateField(
        "valid from", help_text="The first day this applies. To change it later, add a row."
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raises ValidationError where a row that has begun is moved, or a day is taken.

        And where a name has two lines.
        """
        super().clean()
        if wrong := lines_of(self):
            raise ValidationError(wrong)
        saved = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        if saved is not None and saved.valid_from <= today():
            moved = [n for n in ("valid_from", *self.about) if vars(self)[n] != vars(saved)[n]]
            if moved:
                raise ValidationError({moved[0]: _stays(saved, moved[0])})
        if self.valid_from and self._others().filter(valid_from=self.valid_from).exists():
            raise ValidationError(
                {
                    "valid_from": (
                        f"There is already a row from {short_date(self.valid_from)}. Open that "
                        "one, or choose another day."
                    )
                }
            )

    @property
    def has_held(self) -> bool:
        """Stored, and begun before today: what is changed of it changes what held then."""
        return self.pk is not None and self.valid_from < today()

    def refusal_to_delete(self) -> str:
        """Why it has to stay: without it nothing would hold today. Empty where it may go."""
        if self.valid_from > today() or self._others().filter(valid_from__lte=today()).exists():
            return ""
        return (
            f"“{self}” cannot be deleted, because nothing would apply today. Change it, or "
            "first add the row that replaces it."
        )

    def _others(self) -> models.QuerySet[Any]:
        """The rows about the same thing."""
        same = {name: getattr(self, name) for name in self.about}
        return type(self)._default_manager.filter(**same).exclude(pk=self.pk)


def _stays(saved: DatedRow, name: str) -> str:
    if name != "valid_from":
        return (
            "This cannot be changed, because it already applies. To add another, choose “Save "
            "as new”."
        )
    return (
        f"This has applied since {short_date(saved.valid_from)}, so its first day cannot be "
        "changed. For a change from a later day, choose “Save as new”."
    )
