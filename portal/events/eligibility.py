"""Who may take which option.

Rules (guide, section 7):

- An option for members needs a membership that is current on the London day of booking; the days
  of grace count as current.
- An option for non-members is for who has no current membership that day.
- A funded option is for who declares to be eligible. The declaration is kept with the
  registration, in the words that were shown.
- An option for anyone is for anyone.
- Each rule holds when the place is held and again when the order is submitted.
"""

from __future__ import annotations

from portal.core.dates import short_date
from portal.events.models import Audience, RegistrationOption
from portal.events.refusals import BookingRefused
from portal.membership.standing import Standing


class NotEligible(BookingRefused):
    """The attendee may not take the option. Carries the sentence that says why."""


class DeclarationMissing(NotEligible):
    """A funded place without its declaration."""

    def __init__(self) -> None:
        super().__init__("Tick the box to declare that you are eligible for a funded place")


WHO = {
    Audience.MEMBER: "For members",
    Audience.NON_MEMBER: "For people who are not members",
    Audience.FUNDED: "For people who are eligible for a funded place",
    Audience.ANYONE: "For anyone",
}


def who_may_take(option: RegistrationOption) -> str:
    """“For members” and the like."""
    return WHO[Audience(option.audience)]


def needs_standing(option: RegistrationOption) -> bool:
    """Whether it matters if the attendee is a member."""
    return option.audience in {Audience.MEMBER, Audience.NON_MEMBER}


def why_not(option: RegistrationOption, standing: Standing) -> str:
    """Why somebody of this standing may not take the option; empty where they may."""
    if option.audience == Audience.MEMBER and not standing.is_current:
        if standing.has_lapsed and standing.expires_on:
            return f"For members only: your membership ended on {short_date(standing.expires_on)}"
        return "For members only: you have no current membership"
    if option.audience == Audience.NON_MEMBER and standing.is_current:
        return "For people who are not members: members take a member’s place"
    return ""


def check_eligible(option: RegistrationOption, *, standing: Standing, declaration: str) -> None:
    """Raises NotEligible, or DeclarationMissing for a funded option."""
    reason = why_not(option, standing)
    if reason:
        raise NotEligible(reason)
    if option.is_funded and not declaration:
        raise DeclarationMissing
