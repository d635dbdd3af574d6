"""How an event and its options are offered to somebody: price, who may take them, why not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from portal.billing.models import Tax
from portal.events.availability import State, left_of, state_of
from portal.events.bookable import Asked, for_who_asks, of_option
from portal.events.eligibility import who_may_take
from portal.events.models import Event, RegistrationOption
from portal.events.pricing import Price, own_price, price_words

NO_PLACE = "Full: there are no places left"


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as one person may choose it; `refusal` says why they cannot.

    `is_full`: it is refused only because no place was left when the options were read.
    """

    option: RegistrationOption
    price: Price
    hint: str
    refusal: str = ""
    is_full: bool = False

    @property
    def value(self) -> str:
        return str(self.option.pk)

    @property
    def label(self) -> str:
        return f"{self.option.name}: {self.price}"

    @property
    def is_for_others(self) -> bool:
        """It is not for who asks, whatever is left of it."""
        return bool(self.refusal) and not self.is_full


@dataclass(frozen=True, slots=True)
class Offer:
    """An event as a list and its own page offer it.

    `own_price` is that of the options that who asks may book: of those with a place left, where
    there are any. `prices` are those for everybody, where it is not known who asks, or nothing is
    for them.
    """

    state: State
    own_price: str
    prices: list[str]


def offer_of(
    event: Event, options: Sequence[RegistrationOption], asked: Asked, *, tax: Tax | None
) -> Offer:
    """The event, with all of its options (`with_taken`), for who asks."""
    state = state_of(event, options, asked)
    own = ""
    if asked.standing is not None:
        theirs, _ = for_who_asks(options, asked)
        left = [each for each in theirs if of_option(each, event, options, asked).can_take]
        own = own_price(left or theirs, tax)
    return Offer(state, own, [] if own else price_words(options, tax))


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
        refusal = NO_PLACE if answer.is_full else answer.sentence
        price = Price(option.price, tax)
        choices.append(Choice(option, price, hint, refusal, answer.is_full))
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
