"""Who may take which option: on the day of booking, grace included."""

from datetime import datetime, timedelta

import pytest

from portal.core.dates import LONDON, today
from portal.events.eligibility import DeclarationMissing, NotEligible
from portal.events.models import Audience, Hold
from tests import factories
from tests.events.acts import hold

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def option(audience):
    return factories.option(factories.event(), audience=audience)


def member_until(end):
    made = factories.person("Mel", "Member")
    factories.membership(made, start=end - 300 * DAY, end=end)
    return made


def test_a_member_takes_a_members_place(alice):
    hold(option(Audience.MEMBER), alice)

    assert Hold.objects.count() == 1


def test_who_was_never_a_member_does_not(charlie):
    with pytest.raises(NotEligible) as refusal:
        hold(option(Audience.MEMBER), charlie)

    assert str(refusal.value) == "For members only: you have no current membership"


def test_the_days_of_grace_count():
    hold(option(Audience.MEMBER), member_until(today() - 30 * DAY))

    assert Hold.objects.count() == 1


def test_after_the_days_of_grace():
    end = today() - 31 * DAY

    with pytest.raises(NotEligible) as refusal:
        hold(option(Audience.MEMBER), member_until(end))

    assert str(refusal.value).startswith("For members only: your membership ended on ")


def test_the_day_is_londons_day():
    """23:30 UTC on the last day of grace in summer is the next day in London."""
    last = datetime(2026, 6, 30, 22, 30, tzinfo=LONDON)
    late = last + timedelta(hours=2)
    person = member_until(last.date() - 30 * DAY)
    place = factories.option(factories.event(starts=last + 60 * DAY), audience=Audience.MEMBER)

    hold(place, person, at=last)
    with pytest.raises(NotEligible):
        hold(place, person, at=late)


def test_a_non_members_place_is_for_non_members(alice, charlie):
    place = option(Audience.NON_MEMBER)

    hold(place, charlie)
    with pytest.raises(NotEligible) as refusal:
        hold(place, alice)

    assert str(refusal.value) == "For people who are not members: members take a member’s place"


def test_who_has_lapsed_takes_a_non_members_place():
    hold(option(Audience.NON_MEMBER), member_until(today() - 31 * DAY))

    assert Hold.objects.count() == 1


def test_a_funded_place_needs_the_declaration(charlie):
    place = option(Audience.FUNDED)

    with pytest.raises(DeclarationMissing):
        hold(place, charlie, declaration="")
    hold(place, charlie, declaration="I am")


def test_anyone(alice, charlie):
    place = option(Audience.ANYONE)

    hold(place, alice)
    hold(place, charlie)

    assert Hold.objects.count() == 2
