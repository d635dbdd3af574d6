"""Who can take each option.

Rules (guide, section 7):

- An option for members needs a membership that is current on the London day of booking; the days
  of grace count as current.
- An option for non-members is for whoever has no current membership that day.
- A funded option is for whoever declares to be eligible. The declaration is kept with the
  registration, in the words that were shown.
- An option for anyone is for anyone.
- Each rule holds when the place is held and again when the order is submitted: bookable.py asks.
"""

from __future__ import annotations

from portal.core.dates import short_date
from portal.events.models import Audience, RegistrationOption
from portal.events.refusals import Code, DeclarationMissing, NotEligible
from portal.membership.standing import Standing

__all__ = ["DeclarationMissing", "NotEligible", "needs_standing", "who_may_take", "why_not"]

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


def why_not(option: RegistrationOption, standing: Standing) -> tuple[Code, str]:
    """Why somebody of this standing may not take the option; Code.OPEN where they may."""
    if option.audience == Audience.MEMBER and not standing.is_current:
        if standing.has_lapsed and standing.expires_on:
            ended = short_date(standing.expires_on)
            return Code.MEMBERS_ONLY, f"For members only: your membership ended on {ended}"
        return Code.MEMBERS_ONLY, "For members only: you have no current membership"
    if option.audience == Audience.NON_MEMBER and standing.is_current:
        sentence = "For people who are not members: members take a member’s place"
        return Code.NON_MEMBERS_ONLY, sentence
    return Code.OPEN, ""
