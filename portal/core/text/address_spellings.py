"""For migrations: addresses that were kept before there was one spelling of each."""

from __future__ import annotations

from typing import Any

from portal.core.text.email_address import LONGEST, tidy_email


def respelled(model: Any, field: str = "email") -> dict[int, str]:
    """By key, the one spelling of each address that is kept in another, where it fits its column.

    `model` is that of a migration, whose fields keep and find texts as they are.
    """
    rows = model.objects.exclude(**{field: ""}).values_list("pk", field).iterator()
    return {
        pk: spelling
        for pk, text in rows
        if (spelling := tidy_email(text)) != text and len(spelling) <= LONGEST
    }


def respell(model: Any, field: str = "email") -> None:
    """Bring a column that several rows may share to the one spelling."""
    for pk, spelling in respelled(model, field).items():
        model.objects.filter(pk=pk).update(**{field: spelling})
