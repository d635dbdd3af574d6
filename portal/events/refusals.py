"""Reasons why a place cannot be held or ordered: a code for programs and a sentence for the
person.

Whether it is refused is decided in bookable.py and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Code(StrEnum):
    """What was decided. A code stays as it is for ever: programs read it."""

    OPEN = "open"
    HAS_BEGUN = "has-begun"
    NOT_OPEN = "not-open"
    OPTION_GONE = "option-gone"
    ALREADY_REGISTERED = "already-registered"
    HELD_ELSEWHERE = "held-elsewhere"
    MEMBERS_ONLY = "members-only"
    NON_MEMBERS_ONLY = "non-members-only"
    DECLARATION_MISSING = "declaration-missing"
    OPTION_FULL = "option-full"
    EVENT_FULL = "event-full"
    WRONG_SESSIONS = "wrong-sessions"
    ADDRESS_MISSING = "address-missing"


NOTHING_ORDERED = "Nothing has been ordered."


class BookingRefused(Exception):
    """The base of all of them. Nothing has been written."""

    code: Code
    # Of a whole order: every line that is refused, by the key of its hold.
    lines: Sequence[tuple[int, BookingRefused]] = ()


class AddressMissing(BookingRefused):
    """An invoice has the address of whoever pays it (VATREC5010), and stays as it was issued."""

    code = Code.ADDRESS_MISSING

    def __init__(self) -> None:
        super().__init__(
            f"Add your address before you order. It goes on your invoice. {NOTHING_ORDERED}"
        )


class EventFull(BookingRefused):
    """The last place went to somebody else meanwhile."""

    code = Code.EVENT_FULL


class OptionFull(BookingRefused):
    """The option has no place left, but another option of the event has."""

    code = Code.OPTION_FULL


class OptionGone(BookingRefused):
    """The office has taken the option away, or the whole event, since it was chosen."""

    code = Code.OPTION_GONE

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is no longer offered. Choose another option")


class EventBegun(BookingRefused):
    """It is too late to register."""

    code = Code.HAS_BEGUN


class NotOpen(BookingRefused):
    """The office has not entered all that registering needs."""

    code = Code.NOT_OPEN


class WrongSessions(BookingRefused):
    """Not as many sessions as the option asks for (0: none), or others than it covers."""

    code = Code.WRONG_SESSIONS

    def __init__(self, name: str, number: int) -> None:
        if not number:
            sentence = f"The sessions of “{name}” have changed. Save your responses again"
        else:
            what = "one session" if number == 1 else f"{number} sessions"
            sentence = f"Choose {what} for “{name}”"
        super().__init__(sentence)


class SessionsNotOffered(BookingRefused):
    """Sessions were chosen beside an option that leaves no choice, and are not those it covers."""

    code = Code.WRONG_SESSIONS

    def __init__(self, name: str, covers: str) -> None:
        super().__init__(
            f"“{name}” is for {covers}. Tick no others and leave none of them out, or choose "
            "another option"
        )


class AlreadyRegistered(BookingRefused):
    """The attendee has a place already."""

    code = Code.ALREADY_REGISTERED


class HeldElsewhere(BookingRefused):
    """Somebody else is about to order a place for the same attendee."""

    code = Code.HELD_ELSEWHERE


class NotEligible(BookingRefused):
    """The attendee may not take the option; `code` says whom it is for."""

    code = Code.MEMBERS_ONLY


class ForNonMembers(NotEligible):
    """A member asks for a place of those who are none."""

    code = Code.NON_MEMBERS_ONLY


class DeclarationMissing(NotEligible):
    """A funded place without its declaration."""

    code = Code.DECLARATION_MISSING


REFUSALS: dict[Code, type[BookingRefused]] = {
    kind.code: kind
    for kind in (
        EventBegun,
        NotOpen,
        AlreadyRegistered,
        HeldElsewhere,
        NotEligible,
        ForNonMembers,
        DeclarationMissing,
        OptionFull,
        EventFull,
    )
}
