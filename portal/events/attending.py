"""Which sessions of an event a person attends.

Rules:

- Who holds or has a place takes part in what the option covers: all sessions, or those named, or as
  many of them as the option lets the attendee choose (“One day” asks which day).
- Only who takes part in a part of the event has rows of sessions (`is_partial`), so that nothing is
  looked up for all the others.
- Record, order, calendar file and CPD points follow from it: in a part, the points are those of its
  sessions, and none where the office has given those none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.text import get_text_list

from portal.events.models import Event, Hold, Registration, RegistrationOption, Session
from portal.events.refusals import SessionsNotOffered, WrongSessions


def covered(option: RegistrationOption, sessions: Sequence[Session]) -> list[Session]:
    """The sessions that an option covers, of all of its event."""
    named = {session.pk for session in option.sessions.all()}
    return [session for session in sessions if session.pk in named] if named else [*sessions]


def sessions_of(
    event: Event, options: Iterable[RegistrationOption]
) -> tuple[list[Session], dict[int, str]]:
    """The sessions of an event that has several, and what each of its options (by key) covers of
    them in words: one query."""
    sessions: dict[int, Session] = {}
    named: dict[int, list[str]] = defaultdict(list)
    for row in event.sessions.annotate(option=F("options")):
        sessions.setdefault(row.pk, row)
        named[row.option].append(row.name)
    words = {option.pk: _covered_in_words(option, named.get(option.pk, [])) for option in options}
    return list(sessions.values()), words


def _covered_in_words(option: RegistrationOption, names: list[str]) -> str:
    """“Day 1 and Day 2”, “1 of the sessions”; no names stand for all of them."""
    said = get_text_list(names, "and")
    if option.choose:
        return f"{option.choose} of {said or 'the sessions'}"
    return said or "All sessions"


def sessions_for(option: RegistrationOption, chosen: Collection[int]) -> list[Session]:
    """What somebody takes part in who takes the option and chose the sessions of these keys.

    Empty for the whole event. Raises WrongSessions, and SessionsNotOffered where the option leaves
    no choice and others were chosen than it covers: nothing that was ticked is dropped in silence.
    """
    theirs = covered(option, list(option.event.sessions.all()))
    if option.choose is None:
        if chosen and {session.pk for session in theirs} != set(chosen):
            raise SessionsNotOffered(option.name, ", ".join(str(session) for session in theirs))
        return list(option.sessions.all())
    kept = [session for session in theirs if session.pk in set(chosen)]
    if len(kept) != option.choose or len(set(chosen)) != len(kept):
        raise WrongSessions(option.name, option.choose)
    return kept


def still_right(hold: Hold) -> bool:
    """What was chosen when the place was held can still be taken: no query for a whole event.

    The hold comes `with_all`.
    """
    if not hold.is_partial and hold.option.choose is None:
        return not hold.covers_part
    try:
        now = sessions_for(hold.option, hold.session_keys)
    except (WrongSessions, SessionsNotOffered):
        return False
    return {session.pk for session in now} == set(hold.session_keys)


def load_sessions(rows: Iterable[Registration]) -> None:
    """Give each its `attends`: one query where somebody takes part in a part, else none."""
    partial = {row.pk: row for row in rows if row.is_partial}
    found = attended(partial)
    for pk, row in partial.items():
        row.attends = tuple(found[pk])


def load_sessions_of_holds(holds: Iterable[Hold]) -> None:
    """As `load_sessions`. A hold has the keys only: it is soon gone, and goes with one query."""
    partial = [hold for hold in holds if hold.is_partial]
    keys = {key for hold in partial for key in hold.session_keys}
    sessions = list(Session.objects.filter(pk__in=keys)) if keys else []
    for hold in partial:
        hold.attends = tuple(one for one in sessions if one.pk in hold.session_keys)


def attended(keys: Collection[int]) -> dict[int, list[Session]]:
    """The sessions of registrations, by their keys: one query, none without keys."""
    found: dict[int, list[Session]] = defaultdict(list)
    if not keys:
        return found
    through: Any = Registration.sessions.through
    links = through.objects.filter(registration__in=list(keys)).select_related("session")
    for link in links.order_by("session__starts", "session"):
        found[link.registration_id].append(link.session)
    return found


def points_of(sessions: Iterable[Session]) -> Decimal | None:
    """The CPD points of a part of an event."""
    given = [session.cpd_points for session in sessions if session.cpd_points is not None]
    return sum(given, Decimal()) if given else None
