"""How the options of an event are offered to somebody: price, who may take them, why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from portal.billing.models import Tax
from portal.events.availability import FULL, left_in
from portal.events.eligibility import who_may_take, why_not
from portal.events.models import RegistrationOption
from portal.events.pricing import Price
from portal.membership.standing import Standing


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as one person may choose it; `refusal` says why they cannot."""

    option: RegistrationOption
    label: str
    hint: str
    refusal: str = ""

    @property
    def value(self) -> str:
        return str(self.option.pk)


def choices_for(
    options: Iterable[RegistrationOption],
    *,
    standing: Standing,
    tax: Tax,
    held: int | None = None,
) -> list[Choice]:
    """The options (`with_taken`) for somebody of this standing; `held` is their own, by its key."""
    choices = []
    for option in options:
        is_own = option.pk == held
        left = left_in(option)
        refusal = why_not(option, standing)
        if not refusal and left == FULL.text and not is_own:
            refusal = "Full: there is no place left"
        hint = who_may_take(option)
        if option.places is not None and not is_own:
            hint = f"{hint}. {left}"
        label = f"{option.name}: {Price(option.price, tax)}"
        choices.append(Choice(option, label, hint, refusal))
    return choices


def wording_mark(*texts: str) -> str:
    """Stands for the exact words that were shown."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
