"""Why a place is neither held nor ordered, in the words that the person reads."""

from __future__ import annotations

from collections.abc import Sequence

from portal.people.models import Person


class BookingRefused(Exception):
    """The base of all of them. Nothing has been written."""

    # Of a whole order: every line that is refused, by the key of its hold.
    lines: Sequence[tuple[int, BookingRefused]] = ()


class AddressMissing(BookingRefused):
    """An invoice has the address of who pays it (VATREC5010), and stays as it was issued."""

    def __init__(self) -> None:
        super().__init__(
            "Add your address before you order: it stands on your invoice. Nothing has been "
            "ordered."
        )


class EventFull(BookingRefused):
    """The last place went to somebody else meanwhile."""

    def __init__(self) -> None:
        super().__init__("This event is now full. Nothing has been ordered.")


class OptionFull(BookingRefused):
    """The option has no place left, but another option of the event has.

    `is_another_open`: the attendee may take that other one.
    """

    def __init__(self, name: str, *, is_another_open: bool) -> None:
        super().__init__(
            f"“{name}” is now full. Choose another option"
            if is_another_open
            else f"“{name}” is now full, and no other option is open to you. "
            "Nothing has been ordered."
        )


class OptionGone(BookingRefused):
    """The office has taken the option away, or the whole event, since it was chosen."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is no longer offered. Choose another option")


class EventBegun(BookingRefused):
    """It is too late to register."""

    def __init__(self) -> None:
        super().__init__("This event has begun, so it can’t be booked. Nothing has been ordered.")


class AlreadyRegistered(BookingRefused):
    """The attendee has a place already."""

    def __init__(self, attendee: Person, booked_by: Person) -> None:
        who = "You are" if attendee == booked_by else f"{attendee.full_name} is"
        super().__init__(f"{who} already registered for this event. Nothing has been ordered.")
