"""How the options of an event are offered to somebody: price, who may take them, why not.

The list counts all places of an event; who is signed in sees on its page those that they may take.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.billing.models import Tax
from portal.events.availability import FULL, State, left_in, state_of
from portal.events.eligibility import who_may_take, why_not
from portal.events.models import Event, RegistrationOption
from portal.events.pricing import Price
from portal.membership.standing import Standing


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
        is_full = not refusal and left == FULL.text and not is_own
        if is_full:
            refusal = "Full: there is no place left"
        hint = who_may_take(option)
        if option.places is not None and not is_own:
            hint = f"{hint}. {left}"
        label = f"{option.name}: {Price(option.price, tax)}"
        choices.append(Choice(option, label, hint, refusal, is_full))
    return choices


def state_for(
    event: Event, options: Sequence[RegistrationOption], *, standing: Standing, at: datetime
) -> State:
    """As `state_of`, for somebody of this standing: only what they may take counts."""
    for_all = state_of(event, options, at)
    if not for_all.is_open:
        return for_all
    theirs = [option for option in options if not why_not(option, standing)]
    if not theirs:
        reason = f"{why_not(options[0], standing)}. If you think that this is wrong, ask the office"
        return State("Not open to you", "warning", reason=f"{reason}.")
    state = state_of(event, theirs, at)
    if state.is_open:
        return state
    who = "members" if standing.is_current else "people who are not members"
    reason = f"No place is left for {who}. Look again later: a place that is not ordered comes back"
    badge = "Full for members" if standing.is_current else "Full for non-members"
    return State(badge, FULL.tone, reason=f"{reason}.")


def option_in_words(key: str) -> str | None:
    """“Member, Debt relief orders”: an option by its key as typed; None where there is none."""
    if not (key.isascii() and key.isdecimal() and len(key) < 18):
        return None
    option = RegistrationOption.objects.select_related("event").filter(pk=int(key)).first()
    return f"{option.name}, {option.event.title}" if option else None


def wording_mark(*texts: str) -> str:
    """Stands for the exact words that were shown."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
