"""The cells of the events file on sessions and on what an option covers of them.

`sessions`: “Day 1: 2027-05-05 09:30 to 17:00 (6 points); Day 2: 2027-05-06 09:00 to 16:00”. The end
is a time of the same day, or a day and a time. `covers`: “Day 1; Day 2”.
"""

from __future__ import annotations

import re
from decimal import Decimal

from portal.core.dates import read_time
from portal.core.sheets.cells import at_most
from portal.events.scheduling import Planned

_LIKE = "write it as in Day 1: 2027-05-05 09:30 to 17:00 (6 points)"
_DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}"
_SESSION = re.compile(
    rf"(?P<name>[^:;]+?)\s*:\s*(?P<day>{_DAY})[ T](?P<starts>\d{{1,2}}:\d{{2}})\s+to\s+"
    rf"(?:(?P<last>{_DAY})[ T])?(?P<ends>\d{{1,2}}:\d{{2}})"
    r"(?:\s*\((?P<points>\d{1,3}(?:\.\d{1,2})?)(?: points?)?\))?"
)


def read_sessions(cell: str) -> list[Planned]:
    """The sessions in the order of time. Raises ValueError with a sentence."""
    sessions = [_session(text) for text in _parts(cell)]
    names = [session.name.casefold() for session in sessions]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"“{name}” is there twice: give each session another name")
    if len(sessions) == 1:
        raise ValueError("One session is the event itself: leave the cell empty")
    return sorted(sessions, key=lambda session: session.starts)


def read_names(cell: str) -> list[str]:
    """The names of sessions."""
    return _parts(cell)


def read_number(cell: str) -> int:
    """How many sessions the attendee chooses. Raises ValueError with a sentence."""
    if not re.fullmatch(r"[1-9][0-9]?", cell):
        raise ValueError(f"“{cell[:40]}” is no number of sessions to choose: write it as in 1")
    return int(cell)


def _parts(cell: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"[;\n]", cell) if part.strip()]


def _session(text: str) -> Planned:
    match = _SESSION.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text[:60]}” is no session: {_LIKE}")
    starts = read_time(f"{match['day']} {match['starts']}")
    ends = read_time(f"{match['last'] or match['day']} {match['ends']}")
    name = at_most(match["name"], 80, "The name of a session")
    if ends <= starts:
        raise ValueError(f"“{name}” must end after it starts")
    return Planned(name, starts, ends, Decimal(match["points"]) if match["points"] else None)
