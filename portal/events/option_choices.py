"""How the options of an event are offered to somebody: price, who may take them, why not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from portal.billing.models import Tax
from portal.events.availability import left_of
from portal.events.bookable import Asked, of_option
from portal.events.eligibility import who_may_take
from portal.events.models import Event, RegistrationOption
from portal.events.pricing import Price

NO_PLACE = "Full: there are no places left"


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as one person may choose it; `refusal` says why they cannot.

    `is_full`: it is refused only because no place was left when the options were read.
    """

    option: RegistrationOption
    label: str
    hint: str
    refusal: str = ""
    is_full: bool = False

    @property
    def value(self) -> str:
        return str(self.option.pk)


def choices_for(
    event: Event, options: Sequence[RegistrationOption], asked: Asked, *, tax: Tax
) -> list[Choice]:
    """The options (`with_taken`) for whoever asks."""
    choices = []
    for option in options:
        answer = of_option(option, event, options, asked)
        hint = who_may_take(option)
        if option.left is not None and option.pk != asked.own:
            hint = f"{hint}. {left_of(option)}"
        label = f"{option.name}: {Price(option.price, tax)}"
        refusal = NO_PLACE if answer.is_full else answer.sentence
        choices.append(Choice(option, label, hint, refusal, answer.is_full))
    return choices


def option_in_words(key: str) -> str | None:
    """“Member, Debt relief orders”: an option by its key as typed; None where there is none."""
    if not (key.isascii() and key.isdecimal() and len(key) < 18):
        return None
    option = RegistrationOption.objects.select_related("event").filter(pk=int(key)).first()
    return f"{option.name}, {option.event.title}" if option else None


def wording_mark(*texts: str) -> str:
    """Stands for the exact words that were shown."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
