"""Whether an event can still be booked, in the words of its pages.

What is decided in bookable.py gets its badge here: Closed once it has begun, Full when no place is
left; from five places left the page counts them. Places held in somebody's basket count as taken
until they expire. What cannot be ordered is not offered: it is “Not open yet”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.events.bookable import Asked, Bookable, at_best, left_in_all
from portal.events.models import Event, RegistrationOption
from portal.events.refusals import Code

FEW = 5


@dataclass(frozen=True, slots=True)
class State:
    """The words of a badge, whether there is a way to register, and why there is none."""

    text: str
    tone: str
    is_open: bool = False
    reason: str = ""
    code: Code = Code.OPEN


AVAILABLE = "Available"
FULL = "Full"
_EVERY_PLACE_TAKEN = (
    "Every place is taken or in somebody’s basket. Check again later, because places that are "
    "not ordered become free."
)


def state_of(event: Event, options: Sequence[RegistrationOption], asked: Asked) -> State:
    """The event's state for whoever asks. `options` are all of its options, `with_taken`."""
    answer = at_best(event, options, asked)
    if answer.can_take:
        words = left_in_words(left_in_all(options, asked))
        return State(words, "success" if words == AVAILABLE else "info", is_open=True)
    text, tone, reason = _refused(answer, asked)
    return State(text, tone, reason=reason, code=answer.code)


def _refused(answer: Bookable, asked: Asked) -> tuple[str, str, str]:
    """Badge, its tone, and the reason beneath."""
    match answer.code:
        case Code.HAS_BEGUN:
            return "Closed", "", f"{answer.sentence}."
        case Code.NOT_OPEN:
            return "Not open yet", "", f"{answer.sentence}."
        case Code.EVENT_FULL:
            return FULL, "warning", _EVERY_PLACE_TAKEN
        case Code.OPTION_FULL:
            is_member = asked.standing is not None and asked.standing.is_current
            who = "members" if is_member else "people who are not members"
            reason = f"No place is left for {who}. Look again later: a place that is not ordered "
            badge = "members" if is_member else "non-members"
            return f"{FULL} for {badge}", "warning", f"{reason}comes back."
    reason = f"{answer.sentence}. If you think this is wrong, ask the office."
    return "Not open to you", "warning", reason


def left_in_words(left: int | None) -> str:
    """“Full”, “3 places left”, “Available”."""
    if left == 0:
        return FULL
    if left is None or left > FEW:
        return AVAILABLE
    return f"{left} place{'' if left == 1 else 's'} left"


def left_of(option: RegistrationOption) -> str:
    """The words for one option (`with_taken`), and whether it shares the places with others."""
    words = left_in_words(option.left)
    is_shared = option.pool_id is not None and words not in (FULL, AVAILABLE)
    return f"{words}, shared" if is_shared else words
