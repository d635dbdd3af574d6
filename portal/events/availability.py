"""Whether an event can still be booked, in the words of its pages.

Rules: it is Closed once it has begun; Full when no option has a place left; from five places left
the page counts them. Places held in somebody's basket count as taken until they expire. It is not
open yet while the office has entered no options, no booking rules, no supplier details, or not
how its places are taxed: what cannot be ordered is not offered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.billing.models import Tax
from portal.events.models import Event, RegistrationOption

FEW = 5


@dataclass(frozen=True, slots=True)
class State:
    """The words of a badge, and whether there is a way to register; else `reason` may say more."""

    text: str
    tone: str
    is_open: bool = False
    reason: str = ""


CLOSED = State("Closed", "")
FULL = State("Full", "warning")
AVAILABLE = State("Available", "success", is_open=True)
NOT_OPEN = State(
    "Not open yet", "", reason="Registration is not open yet. Ask the office when it will be."
)


def state_of(event: Event, options: Iterable[RegistrationOption], at: datetime) -> State:
    """The event's state. `options` are all of its options, `with_taken`."""
    if event.has_begun(at):
        return CLOSED
    left = [option.left for option in options]
    if not left:
        return NOT_OPEN
    if None in left:
        return AVAILABLE
    return _few(sum(number for number in left if number is not None))


def if_ready(state: State, event: Event, tax: Tax | None) -> State:
    """The state, but not open while there are no booking rules (`with_terms`) or no known tax."""
    lacks = tax is None or event.usual_terms is None
    return NOT_OPEN if state.is_open and lacks else state


def left_in(option: RegistrationOption) -> str:
    """The words for one option (`with_taken`): “Full”, “3 places left”, “Available”."""
    return AVAILABLE.text if option.left is None else _few(option.left).text


def _few(left: int) -> State:
    if left == 0:
        return FULL
    if left > FEW:
        return AVAILABLE
    return State(f"{left} place{'' if left == 1 else 's'} left", "info", is_open=True)
