"""Whether somebody may book an option of an event now. Nothing else decides it.

The list, the page of an event, the form, the basket, the review and the order ask here. The first
of these that holds refuses:

1. the event has begun;
2. registration is not open: there are no options, no booking rules, or no tax is known;
3. the attendee is registered for the event already;
4. somebody else holds a place for the attendee just now;
5. the option is not for the attendee (eligibility.py);
6. the declaration for a funded place is missing;
7. no place is left: in the option, or in the whole event.

All of it is decided on what the caller has read: no query here, however many options there are.
Who holds or orders a place has locked the event before (counting_places.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from portal.core.dates import clock
from portal.events import eligibility
from portal.events.models import Event, RegistrationOption
from portal.events.models.programme import least
from portal.events.refusals import NOTHING_ORDERED, REFUSALS, BookingRefused, Code
from portal.membership.standing import Standing

Left = Callable[[RegistrationOption], int | None]
DECLARE = "Tick the box to declare that you are eligible for a funded place"
_FULL = {Code.OPTION_FULL, Code.EVENT_FULL}


@dataclass(frozen=True, slots=True)
class Bookable:
    """What was decided. `sentence` says why not, without its full stop; empty where it is open.

    `is_final`: no other option of the event helps.
    """

    code: Code
    sentence: str = ""
    is_final: bool = False

    @property
    def can_take(self) -> bool:
        """A place can be taken."""
        return self.code is Code.OPEN

    @property
    def is_full(self) -> bool:
        """It is refused only because no place is left."""
        return self.code in _FULL

    def refusal(self, *, of_order: bool = False) -> BookingRefused:
        """As an exception. `of_order`: it says that nothing has been ordered."""
        sentence = self.sentence
        if of_order or self.is_final:
            sentence = f"{sentence}. {NOTHING_ORDERED}"
        return REFUSALS[self.code](sentence)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and what is known of them.

    `standing` is None for nobody in particular: then nobody is refused by whom an option is for.
    `own` is the key of the option of which they hold a place already; `held_until`: until then
    somebody else holds one for them; `who` begins the sentence on who is registered.
    """

    at: datetime
    is_ready: bool
    standing: Standing | None = None
    is_registered: bool = False
    held_until: datetime | None = None
    own: int | None = None
    who: str = "You are"


OPEN = Bookable(Code.OPEN)
BEGUN = Bookable(
    Code.HAS_BEGUN, "This event has begun, so nobody can register for it any more", is_final=True
)
NOT_OPEN = Bookable(
    Code.NOT_OPEN, "Registration is not open yet. Ask the office when it will open", is_final=True
)
EVENT_FULL = Bookable(Code.EVENT_FULL, "This event is now full", is_final=True)
_left: Left = attrgetter("left")


def of_option(
    option: RegistrationOption,
    event: Event,
    options: Sequence[RegistrationOption],
    asked: Asked,
    *,
    declared: bool | None = None,
    left: Left = _left,
) -> Bookable:
    """Whether a place of one option can be taken. `options` are all of the event.

    They are read `with_taken`, unless `left` counts their places. `declared` is None where the
    declaration has not been asked for yet.
    """
    refused = of_event(event, options, asked) or _of_person(option, asked, declared)
    if refused:
        return refused
    if option.pk == asked.own or left(option) != 0:
        return OPEN
    others = [other for other in options if other.pk != option.pk and left(other) != 0]
    if not others:
        return EVENT_FULL
    if any(not _of_person(other, asked, None) for other in others):
        return Bookable(Code.OPTION_FULL, f"“{option.name}” is now full. Choose another option")
    sentence = f"“{option.name}” is now full, and no other option is open to you"
    return Bookable(Code.OPTION_FULL, sentence, is_final=True)


def at_best(event: Event, options: Sequence[RegistrationOption], asked: Asked) -> Bookable:
    """What holds of the option that comes nearest to being open: of the event as a whole."""
    refused = of_event(event, options, asked)
    if refused:
        return refused
    answers = [of_option(option, event, options, asked) for option in options]
    if any(answer.can_take for answer in answers):
        return OPEN
    return next((answer for answer in answers if answer.is_full), answers[0])


def of_event(event: Event, options: Sequence[RegistrationOption], asked: Asked) -> Bookable | None:
    """What refuses every option of the event to whoever asks; None where nothing does."""
    if event.starts <= asked.at:
        return BEGUN
    if not asked.is_ready or not options:
        return NOT_OPEN
    if asked.is_registered:
        sentence = f"{asked.who} already registered for this event"
        return Bookable(Code.ALREADY_REGISTERED, sentence, is_final=True)
    if asked.held_until:
        return Bookable(
            Code.HELD_ELSEWHERE,
            "Somebody else is booking this place. If they do not order it, you can register "
            f"from {clock(asked.held_until)}",
        )
    return None


def _of_person(option: RegistrationOption, asked: Asked, declared: bool | None) -> Bookable | None:
    if asked.standing is not None:
        code, sentence = eligibility.why_not(option, asked.standing)
        if code is not Code.OPEN:
            return Bookable(code, sentence)
    if option.is_funded and declared is False:
        return Bookable(Code.DECLARATION_MISSING, DECLARE)
    return None


def left_in_all(options: Sequence[RegistrationOption], asked: Asked) -> int | None:
    """Places left in the options that are for whoever asks (`with_taken`); None for no limit.

    Places that several of them share are counted once.
    """
    theirs = [option for option in options if not _of_person(option, asked, None)]
    by_pool: dict[int | None, list[RegistrationOption]] = {}
    for option in theirs:
        by_pool.setdefault(option.pool_id, []).append(option)
    left = [
        least(_sum(option.own_left for option in pooled), pooled[0].pool_left)
        for pooled in by_pool.values()
    ]
    return _sum(left)


def _sum(numbers: Iterable[int | None]) -> int | None:
    """All of them together; None where one has no limit."""
    together = 0
    for number in numbers:
        if number is None:
            return None
        together += number
    return together
