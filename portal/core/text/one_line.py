"""Words that must be on one line, because they go into subjects, headings and documents."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models


def one_line(words: str) -> None:
    """Raises ValidationError for words with a line break (of any kind that Python knows)."""
    if len(words.splitlines()) > 1:
        raise ValidationError("Write this on one line.", code="line_break")


def lines_of(row: models.Model) -> dict[str, ValidationError]:
    """What is wrong with the fields of a row that are on one line: all but its texts."""
    wrong = {}
    for field in row._meta.concrete_fields:
        if isinstance(field, models.CharField):
            try:
                one_line(getattr(row, field.attname) or "")
            except ValidationError as error:
                wrong[field.name] = error
    return wrong
