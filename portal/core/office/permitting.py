"""Which permission an act of the office needs, stated once: on the act.

Rules:
- An act that the office does states its permission with `needs`, or with `needs_for_row` where it
  is that of the row it is given. The act itself refuses who has it not, whoever calls it; pages ask
  `may` and `permission_of` to show only what would be done.
- Who acts is an account, or a person with one: then the rights are those of the account.
- A command is an actor by its name. Whoever may run it has the database, and is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db import models

P = ParamSpec("P")
R = TypeVar("R")


class NotPermitted(PermissionDenied):
    """The actor has not the permission that an act needs. A page that lets it through is a 403."""

    sentence = "Your account may not do this. Nothing was changed."

    def __init__(self) -> None:
        super().__init__(self.sentence)


def needs(
    permission: str, *, refusal: type[NotPermitted] = NotPermitted
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The act needs a permission such as “billing.add_refund”.

    It takes its `actor` by name, and raises NotPermitted, or its own `refusal`, before anything
    else.
    """

    def stating(act: Callable[P, R]) -> Callable[P, R]:
        @wraps(act)
        def permitted(*args: P.args, **named: P.kwargs) -> R:
            if not may(named["actor"], permission):
                raise refusal
            return act(*args, **named)

        permitted.permission = permission  # type: ignore[attr-defined]
        return permitted

    return stating


def needs_for_row(doing: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The act needs to “add”, “change” or “delete” rows of the kind of its first argument.

    It takes its `actor` by name, and raises NotPermitted before anything else.
    """

    def stating(act: Callable[P, R]) -> Callable[P, R]:
        @wraps(act)
        def permitted(*args: P.args, **named: P.kwargs) -> R:
            row: Any = args[0]
            if not may(named["actor"], permission_for(row, doing)):
                raise NotPermitted
            return act(*args, **named)

        permitted.permission = doing  # type: ignore[attr-defined]
        return permitted

    return stating


def permission_of(act: Callable[..., Any]) -> str:
    """What the act needs: “billing.add_refund”; of one for any kind of row “change” alone."""
    return str(act.permission)  # type: ignore[attr-defined]


def permission_for(row: models.Model | type[models.Model], doing: str) -> str:
    """“billing.change_taxrate”."""
    meta = row._meta
    return f"{meta.app_label}.{get_permission_codename(doing, meta)}"


def may(actor: Any, permission: str) -> bool:
    """Whether somebody has a permission. No query for an account; a command has all."""
    if isinstance(actor, str):
        return True
    account = getattr(actor, "user", actor)
    return account is not None and bool(account.has_perm(permission))
